/** One person with an executive, where the policy has that path: whole, by the program that people use, on a real server. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { claimLine, exitCodeOf, openPack, verifyPack } from '@halligan/evidence';
import { utf8Text } from '@halligan/format';
import { PRINTER } from '@halligan/paper';
import { emergencyById, obligations } from '@halligan/procedure';
import { type RunningServer, startServer } from '@halligan/server';
import { z } from 'zod';
import { PersonHome } from '../person-home.ts';
import { foundPractice, furnish, practicePolicy } from '../practice/organisation.ts';
import { PEOPLE, People, personFolder } from '../practice/people.ts';
import { startTarget } from '../practice/targets.ts';

const ACCOUNT = 'breakglass-admin-1';

/** The practice policy, with a path for one person: mei may go with raj, who holds the executives’ share. */
const SOLO_POLICY = practicePolicy('x25519').replace(
  /^ {4}offline:.*$/m,
  (offline) => `${offline}\n    solo: [1 of keyholders, 1 of executives, 1 of server]`,
);

suite('one person with an executive', () => {
  const root = mkdtempSync(join(tmpdir(), 'halligan-solo-'));
  let server: RunningServer;
  let people: People;
  let id = '';

  before(async () => {
    await foundPractice(root, 'x25519');
    const { target } = await startTarget(root, 'practice');
    server = await startServer(root, () => undefined, { level: 'warning' });
    for (const person of Object.keys(PEOPLE))
      await (await PersonHome.open(personFolder(root, person))).learn({ url: server.url });
    people = new People(root);
    await furnish(root, people, target, `${SOLO_POLICY}allow_one_person: true\n`);
  });
  after(async () => {
    await people.end();
    await server.stop();
    rmSync(root, { recursive: true });
  });

  const run = (who: string, verb: string, ...argv: readonly string[]) =>
    people.run(who, 'emergency', verb, id, ...argv);

  async function refused(who: string, rule: string, verb: string, ...argv: readonly string[]) {
    const { exit, said } = await people.attempt(who, ['emergency', verb, id, ...argv]);
    assert.notEqual(exit, 0, said);
    assert.match(said, new RegExp(`\\[${RegExp.escape(rule)}\\]`));
  }

  async function pack() {
    await server.settled();
    const out = join(root, 'pack.zip');
    rmSync(out, { force: true });
    await people.run('raj', 'evidence', 'pack', id, '--out', out);
    const bytes = readFileSync(out);
    const claims = await verifyPack(bytes, {}, PRINTER);
    assert.equal(exitCodeOf(claims), 0, JSON.stringify(claims.at(-1)));
    const record = utf8Text(openPack(bytes).files.get('record.txt') ?? new Uint8Array());
    return { lines: claims.map(claimLine).join('\n'), record };
  }

  test('nothing opens before the approver and then the executive signed, and then by the solo path', async () => {
    ({ emergency: id } = z
      .object({ emergency: z.string() })
      .parse(
        await people.run(
          'ana',
          ...['emergency', 'declare', '--account', ACCOUNT, '--alone', '--cause', 'idp-outage'],
          ...['--approver', 'dana', '--incident', 'INC-9', '--reason', 'Nobody can sign in.'],
          ...['--evidence', 'status page'],
        ),
      ));
    await refused('ana', 'opening.not-approved', 'open');
    await run('dana', 'approve');
    await refused('ana', 'opening.no-executive', 'open');
    await refused(
      'ana',
      'acknowledgement.not-named',
      'take-part',
      '--role',
      'executive',
      '--together',
      'video',
    );
    await refused(
      'dana',
      'acknowledgement.not-named',
      'take-part',
      '--role',
      'executive',
      '--together',
      'video',
    );
    await run('raj', 'take-part', '--role', 'executive', '--together', 'video');
    await refused('ana', 'opening.solo-path', 'open', '--path', 'standard');
    const { checkWords } = z
      .object({ checkWords: z.array(z.string()) })
      .parse(await run('ana', 'open'));
    for (const who of ['ana', 'raj'])
      await run(who, 'release', '--check-words', checkWords.join(' '));
    await run('ana', 'sign-in');
    await run('ana', 'end');
  });

  test('the executive’s written word is due within the hour; late, it is an obligation of theirs', async () => {
    await refused('ana', 'sign-off.executive', 'sign-off', '--text', 'I stand by myself.');
    await server.settled();
    const { state } = server.parts.leader;
    const over = emergencyById(state, id)?.ended?.at ?? '';
    const at = (minutes: number) =>
      obligations(state, new Date(Date.parse(over) + minutes * 60_000).toISOString()).find(
        ({ what, about }) => what === 'sign-off' && about === id,
      );
    assert.deepEqual(at(59)?.owners, ['raj']);
    assert.deepEqual([at(59)?.late, at(61)?.late], [false, true]);
    assert.match((await pack()).lines, /NOT PROVEN .* an executive signed off in writing/);
    await run('raj', 'sign-off', '--text', 'I saw all of it on video.');
  });

  test('made good by the two of them, it closes', async () => {
    await run('ana', 'await-reset');
    for (const who of ['ana', 'raj']) await run(who, 'sign');
    await run('ana', 'submit', '--reference', 'INC-9');
    await run('ana', 'reset', '--part', 'copies', '--outcome', 'none');
    const none = 'missing:Nobody looked.';
    await people.run(
      'raj',
      ...['emergency', 'reconcile', '--emergency', id, '--sign'],
      ...['--unavailable', 'Not looked at.'],
    );
    const draft = join(root, 'review.json');
    await run(
      'raj',
      'review-draft',
      ...['--root-cause', 'idp-outage', '--out', draft, '--action', 'Train a second person.'],
      ...['--owner', 'dana', '--due', '2030-01-31', '--impact', 'None.', '--held-up', 'Well.'],
    );
    for (const who of ['ana', 'raj', 'dana']) await run(who, 'review', '--draft', draft);
    const { checkWords } = z
      .object({ checkWords: z.array(z.string()) })
      .parse(await run('ana', 'exercise'));
    for (const who of ['ben', 'mei'])
      await run(who, 'release', '--check-words', checkWords.join(' '));
    await run('ana', 'await-exercise');
    const look = ['--original', none, '--test', none, '--change', none];
    await run('raj', 'check-log', '--confirmed', ...look);
    await run('raj', 'close');
  });

  test('its evidence says for good who was alone, with whom, and that the policy let them', async () => {
    const { lines, record } = await pack();
    for (const line of [
      /^PASS \(cryptographic\) +ONE PERSON ALONE: ana had no second person beside them/m,
      /^PASS \(cryptographic\) +one person with an executive: raj had signed before any share/m,
      /^PASS \(signed by raj\) +raj stands by what was done, in writing/m,
      /^PASS \(cryptographic\) +finding of its policy \(critical\): allow_one_person is true/m,
    ])
      assert.match(lines, line);
    assert.doesNotMatch(lines, /came late/);
    assert.match(record, /^Second authorised person: nobody: ana was alone, with an executive$/m);
    assert.match(record, /I saw all of it on video\./);
  });
});
