/** What only some emergencies need, through the program that people use, on a real server. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { emergencyById, openEmergencies } from '@halligan/procedure';
import { z } from 'zod';
import { type LiveOpening, liveOpening } from '../live-opening.fixture.ts';

let scene: LiveOpening;
before(async () => {
  scene = await liveOpening();
});
after(() => scene.end());

const WHY = [
  ...['--cause', 'idp-outage', '--approver', 'dana', '--reason', 'Nobody can sign in.'],
  ...['--status-page', 'https://status.example/idp', '--open-ticket', 'Sign-in is down'],
  ...['--title', 'ben=database administrator'],
];
const declared = z.object({ emergency: z.string() });
const stateOf = (id: string) => {
  const found = emergencyById(scene.server.parts.leader.state, id);
  assert.ok(found !== undefined);
  return found;
};

async function refusal(who: string, ...argv: readonly string[]): Promise<string> {
  const { exit, said } = await scene.people.attempt(who, argv);
  assert.notEqual(exit, 0, said);
  return said;
}

test('a drill becomes real, is approved by voice twice over, and the drill’s approval counts for nothing', async () => {
  const { people, root, emergency: id } = scene;
  const file = (name: string) => join(root, name);
  await people.run(
    'ana',
    'emergency',
    'convert',
    id,
    '--reason',
    'Now it is true.',
    '--attestation',
    'I saw it.',
  );
  const converted = stateOf(id);
  assert.deepEqual([converted.drill, converted.approval, converted.parts], [false, undefined, {}]);
  assert.match(await refusal('ana', 'emergency', 'open', id), /opening\.not-approved/);

  // Dana has no device at hand: what she said on the telephone, ben heard as well.
  const alone = ['--approver', 'dana', '--method', 'phone'];
  assert.match(await refusal('ana', 'emergency', 'approve', id, ...alone), /cli\.usage/);
  const draft = file('approval.json');
  await people.run(
    'ana',
    'emergency',
    'approve',
    id,
    ...alone,
    '--conditions',
    'Only the directory.',
    '--out',
    draft,
  );
  assert.match(
    await refusal('ana', 'emergency', 'approve', '--co-sign', draft),
    /authorisation\.co-signature/,
  );
  await people.run('ben', 'emergency', 'approve', '--co-sign', draft);
  const { by, method, heardBy } = stateOf(id).approval ?? {};
  assert.deepEqual([by, method, heardBy], ['dana', 'phone', ['ana', 'ben']]);
  await people.run('ben', 'emergency', 'take-part', id, '--together', 'video', '--title', 'DBA');

  const shown = await people.run('ana', 'emergency', 'show', id);
  const { next } = z.object({ next: z.string() }).parse(shown);
  assert.equal(next, `Next: halligan emergency open ${id.slice(0, 12)}`);
  await people.run('ana', 'emergency', 'abort', id, '--reason', 'Over.');
});

test('a one-time code is spoken once; its words are in no log and on no record', async () => {
  const { people, root } = scene;
  const account = 'breakglass-admin-2';
  const sheet = join(root, 'codes.txt');
  await people.run('dana', 'emergency', 'codes', '--count', '2', '--out', sheet);
  const [real = '', second = '', drill = ''] = [
    ...readFileSync(sheet, 'utf8').matchAll(/^ +\d {2}(.*)$/gm),
  ].map(([, words = '']) => words);
  assert.equal(real.split(' ').length, 5);
  const { emergency: id } = declared.parse(
    await people.run(
      'ana',
      'emergency',
      'declare',
      '--account',
      account,
      '--second',
      'ben',
      ...WHY,
    ),
  );
  const said = join(root, 'said.txt');
  const speak = (words: string, number = '1') => {
    writeFileSync(said, words);
    const code = ['--code-number', number, '--code-file', said];
    return ['emergency', 'approve', id, '--approver', 'dana', '--method', 'phone', ...code];
  };
  assert.match(await refusal('ana', ...speak(second)), /authorisation\.code/);
  assert.match(await refusal('ana', ...speak(drill)), /authorisation\.code/);
  assert.match(await refusal('ana', ...speak('four words are missing')), /seal\.approval-code/);
  await people.run('ana', ...speak(real.toUpperCase()));
  assert.ok(stateOf(id).approval?.code !== undefined);
  await people.run('ana', 'emergency', 'abort', id, '--reason', 'Over.');
  const { emergency: next } = declared.parse(
    await people.run(
      'ana',
      'emergency',
      'declare',
      '--account',
      account,
      '--second',
      'ben',
      ...WHY,
    ),
  );
  const again = await refusal('ana', ...speak(real).map((one) => (one === id ? next : one)));
  assert.match(again, /authorisation\.code-spent/);
  assert.deepEqual(scene.log, []);
  await people.run('ana', 'emergency', 'abort', next, '--reason', 'Over.');
});

test('a tabletop is started, talked through and ended; nothing opens', async () => {
  const { people } = scene;
  for (const { id } of openEmergencies(scene.server.parts.leader.state))
    await people.run('raj', 'emergency', 'close', id);
  const { emergency: id } = declared.parse(
    await people.run(
      'ben',
      ...['drill', 'start', '--form', 'tabletop', '--notice', 'surprise'],
      ...['--account', 'breakglass-admin-1', '--second', 'mei', ...WHY],
    ),
  );
  assert.deepEqual(stateOf(id).scenario, { form: 'tabletop', notice: 'surprise', sabotage: [] });
  await people.run('dana', 'emergency', 'approve', id);
  await people.run('mei', 'emergency', 'take-part', id, '--together', 'in-person');
  assert.match(await refusal('ben', 'emergency', 'open', id), /opening\.tabletop/);
  await people.run(
    'ben',
    'emergency',
    'note',
    'We would reset it.',
    '--emergency',
    id,
    '--outcome',
    'Talked through.',
  );
  await people.run('ben', 'emergency', 'end', id);
  await people.run('raj', 'emergency', 'close', id);
});

test('who goes alone is told why not, and what to do', async () => {
  const said = await refusal(
    'ana',
    ...['emergency', 'declare', '--account', 'breakglass-admin-1', '--alone', ...WHY],
  );
  assert.match(said, /declaration\.solo/);
  assert.match(said, /second person/);
  assert.match(
    await refusal('ana', 'emergency', 'declare', '--account', 'breakglass-admin-1', ...WHY),
    /cli\.usage/,
  );
});

test('every platform’s baseline is printed', async () => {
  const { commands } = z
    .object({ commands: z.array(z.string()) })
    .parse(await scene.people.run('ana', 'emergency', 'baseline', '--platform', 'windows'));
  assert.match(commands.join('\n'), /Get-LocalUser/);
});
