/**
 * The server is gone. Five people on machines of their own, each with nothing but their home and the same copy of the
 * kit, do what docs/guides/when-the-server-is-gone.md says, word for word, and pass files; then the server comes back
 * and learns of it.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { leaksIn } from '../leaks/leaks.fixture.ts';
import { secretsOf } from '../leaks/secrets.fixture.ts';
import { program } from '../run.fixture.ts';
import { Guide } from './guide-of-people.fixture.ts';
import { pass, type ServerGone, serverGone } from './server-gone.fixture.ts';

let gone: ServerGone;
let guide: Guide;
before(async () => {
  gone = await serverGone();
  guide = new Guide(gone);
});
after(() => gone.end());

const merge = z.object({
  merged: z.array(z.object({ kind: z.string(), outcome: z.string(), rule: z.string().optional() })),
  reported: z.array(z.object({ account: z.string(), rule: z.string() })),
});

test('a whole emergency without the server, by the guide, and merged when it is back', async () => {
  const { people, root } = gone;
  const everybody = ['ana', 'ben', 'mei', 'dana', 'raj'];
  const secrets = await secretsOf(root, everybody);
  for (const chapter of [1, 2, 3, 4, 5, 6]) await guide.run(chapter);
  const { emergency } = guide;
  // Who only looks on takes it in as well.
  await people.run('mei', 'kit', 'open', gone.kit);
  await people.run('mei', 'kit', 'receive', join(root, '5-ana.txt'));
  assert.equal(guide.messages.length, 7);
  for (const message of guide.messages)
    assert.deepEqual(leaksIn(message, readFileSync(message), secrets), []);

  await gone.comeBack();
  // Whoever comes first hands it over.
  const first = merge.parse(await people.run('mei', 'kit', 'merge'));
  assert.deepEqual(first.reported, []);
  assert.deepEqual(new Set(first.merged.map(({ outcome }) => outcome)), new Set(['taken in']));
  const kinds = first.merged.map(({ kind }) => kind);
  assert.equal(kinds[0], 'declare');
  assert.deepEqual(kinds.slice(1, 3).toSorted(), ['approve', 'take-part']);
  assert.deepEqual(kinds.slice(3), [
    'open.request',
    ...['share.release', 'share.release', 'share.release'],
    ...['note', 'note', 'end'],
  ]);
  for (const { merged } of (await guide.run(7)).map((answer) => merge.parse(answer)))
    assert.deepEqual(
      new Set(merged.map(({ outcome }) => outcome)),
      new Set(['on the record already']),
    );
  await people.run('ana', 'emergency', 'await-reset', emergency);
  const pack = join(root, 'offline.zip');
  await people.run('raj', 'emergency', 'evidence', emergency, '--out', pack);
  const { code, out, err } = await program('halligan.ts', [
    ...['verify', pack, '--trust', join(root, 'log.pub')],
  ]);
  assert.equal(code, 0, out + err);
  assert.match(out, /^ASSERTED \(by ana, ben, dana\).*without the server/m);
});

test('a copy is verified and attested, and the board says so', async () => {
  const { people, kit } = gone;
  await people.run('raj', 'account', 'await-armed', gone.accounts[1] ?? '');
  const verified = z
    .object({ shares: z.int(), opens: z.array(z.string()), kit: z.string() })
    .parse(await people.run('ben', 'kit', 'verify', kit));
  assert.deepEqual(verified.opens.toSorted(), gone.accounts.toSorted());
  assert.ok(verified.shares >= 4);
  const status = z
    .object({
      attested: z.array(z.object({ person: z.string(), kit: z.string() })),
      wholePlace: z.boolean(),
    })
    .parse(await people.run('dana', 'kit', 'status'));
  assert.deepEqual(
    status.attested.map(({ person, kit: digest }) => [person, digest]),
    [['ben', verified.kit]],
  );
  assert.equal(status.wholePlace, true);
});

test('what the record cannot take in is reported, and the account rotated all the same', async () => {
  const { people } = gone;
  const account = gone.accounts[1] ?? '';
  await gone.goAway();
  for (const person of ['ana', 'ben', 'dana']) await people.run(person, 'kit', 'open', gone.kit);
  await people.run(
    'ana',
    ...['emergency', 'declare', '--account', account, '--cause', 'idp-outage'],
    ...['--second', 'ben', '--approver', 'dana', '--incident', 'INC-8'],
    ...['--reason', 'Again.', '--attestation', 'Nobody can sign in, I tried.'],
  );
  await pass(gone, 'ana', 'dana');
  await people.run('dana', 'emergency', 'approve');
  await pass(gone, 'dana', 'ben');
  await people.run('ben', 'emergency', 'take-part', '--together', 'in-person');
  await pass(gone, 'ben', 'ana');
  const { checkWords } = z
    .object({ checkWords: z.array(z.string()) })
    .parse(await people.run('ana', 'emergency', 'open'));
  const wrong = await people.attempt('ana', [
    ...['emergency', 'release', '--check-words', 'academic academic academic academic'],
  ]);
  assert.equal(wrong.exit, 5);
  await people.run('ana', 'emergency', 'release', '--check-words', checkWords.join(' '));

  await gone.comeBack();
  await people.run('raj', 'person', 'roles', 'mei', '--roles', 'custodian,auditor');
  const { merged, reported } = merge.parse(await people.run('ana', 'kit', 'merge'));
  assert.deepEqual(new Set(merged.map(({ rule }) => rule)), new Set(['input.roster']));
  assert.deepEqual(reported, [{ account, rule: 'input.roster' }]);
  await people.run('ana', 'account', 'await-armed', account);
  const { accounts } = z
    .object({ accounts: z.array(z.object({ id: z.string(), current: z.int() })) })
    .parse(await people.run('ana', 'account', 'list'));
  assert.equal(accounts.find(({ id }) => id === account)?.current, 2);
});
