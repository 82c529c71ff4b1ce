/**
 * The server is gone. Five people on machines of their own, each with nothing but their home and the same copy of the
 * kit, carry on a whole emergency and pass files; then the server comes back and learns of it.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { leaksIn } from '../leaks.fixture.ts';
import { secretsOf } from '../practice-home.fixture.ts';
import { program } from '../run.fixture.ts';
import { pass, type ServerGone, serverGone } from './server-gone.fixture.ts';

let gone: ServerGone;
before(async () => {
  gone = await serverGone();
});
after(() => gone.end());

const words = z.object({ checkWords: z.array(z.string()) });
const declared = z.object({ emergency: z.string() });
const merge = z.object({
  merged: z.array(z.object({ kind: z.string(), outcome: z.string(), why: z.string().optional() })),
  reported: z.array(z.unknown()),
});
const shown = z.object({
  emergency: z.looseObject({ openings: z.array(z.looseObject({ path: z.string() })) }),
});

test('a whole emergency without the server, by files alone, and merged when it is back', async () => {
  const { people, kit, root } = gone;
  const secrets = await secretsOf(root, ['ana', 'ben', 'mei', 'dana', 'raj']);
  const account = gone.accounts[0] ?? '';
  for (const person of ['ana', 'ben', 'mei', 'dana', 'raj'])
    await people.run(person, 'kit', 'open', kit);

  const { emergency } = declared.parse(
    await people.run(
      'ana',
      ...['emergency', 'declare', '--account', account, '--cause', 'idp-outage'],
      ...['--second', 'ben', '--approver', 'dana', '--incident', 'INC-7'],
      ...['--reason', 'Nobody can sign in, and the server is gone.', '--evidence', 'status page'],
    ),
  );
  const messages = [await pass(gone, 'ana', 'ben', 'dana')];
  // Two answers at the same time, neither of which knows of the other.
  await people.run('dana', 'emergency', 'approve', '--conditions', 'Restore sign-in only.');
  await people.run('ben', 'emergency', 'take-part', '--together', 'video');
  messages.push(await pass(gone, 'ben', 'ana'), await pass(gone, 'dana', 'ana'));
  const { checkWords } = words.parse(await people.run('ana', 'emergency', 'open'));
  await people.run('ana', 'emergency', 'release', '--check-words', checkWords.join(' '));
  messages.push(await pass(gone, 'ana', 'ben', 'dana'));
  for (const person of ['ben', 'dana'])
    await people.run(person, 'emergency', 'release', '--check-words', checkWords.join(' '));
  messages.push(await pass(gone, 'dana', 'ana'), await pass(gone, 'ben', 'ana'));
  await people.run('ana', 'emergency', 'sign-in');
  await people.run('ana', 'emergency', 'note', 'Added local administrator helpdesk-01.');
  messages.push(await pass(gone, 'ana', 'ben'));
  await people.run('ben', 'emergency', 'note', '--about', 'observation', 'Saw nothing else.');
  messages.push(await pass(gone, 'ben', 'ana'));
  await people.run('ana', 'emergency', 'end');
  messages.push(await pass(gone, 'ana', 'ben', 'dana', 'raj', 'mei'));
  assert.equal(
    shown.parse(await people.run('mei', 'emergency', 'show')).emergency.openings[0]?.path,
    'offline',
  );
  for (const message of messages)
    assert.deepEqual(leaksIn(message, readFileSync(message), secrets), []);

  await gone.comeBack();
  // Whoever comes first: here one who only looked on.
  const first = merge.parse(await people.run('mei', 'kit', 'merge'));
  assert.deepEqual(first.reported, []);
  assert.deepEqual(new Set(first.merged.map(({ outcome }) => outcome)), new Set(['taken in']));
  assert.deepEqual(
    first.merged.map(({ kind }) => kind),
    [
      'declare',
      ...['approve', 'take-part', 'open.request'],
      ...['share.release', 'share.release', 'share.release'],
      ...['note', 'note', 'note', 'end'],
    ],
  );
  for (const person of ['ana', 'ben', 'dana', 'raj']) {
    const { merged } = merge.parse(await people.run(person, 'kit', 'merge'));
    assert.deepEqual(
      new Set(merged.map(({ outcome }) => outcome)),
      new Set(['on the record already']),
    );
  }
  await people.run('ana', 'emergency', 'await-reset', emergency);
  await people.run('ana', 'emergency', 'sign', emergency);
  await people.run('ben', 'emergency', 'sign', emergency);
  const pack = join(root, 'offline.zip');
  await people.run('raj', 'emergency', 'evidence', emergency, '--out', pack);
  const { code, out, err } = await program('halligan.ts', [
    ...['verify', pack, '--trust', join(root, 'log.pub')],
  ]);
  assert.equal(code, 0, out + err);
  assert.match(out, /^ASSERTED \(by ana, ben, dana\).*without the server/m);
});
