/** A vault that no program reaches: a person pastes the seals there, another copies them out, and they are held to the record. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { type ServerGone, serverGone } from '../kit/server-gone.fixture.ts';

let gone: ServerGone;
before(async () => {
  gone = await serverGone();
  await gone.comeBack();
});
after(async () => gone.end());

const pasted = z.object({ seals: z.int(), steps: z.array(z.string()).min(4) });
const fetched = z.object({ seals: z.array(z.string()), proven: z.boolean(), entry: z.string() });
const systems = z.object({ systems: z.array(z.object({ id: z.string() })) });

test('what was pasted is the record’s; what was changed there is an alarm, and nothing is written', async () => {
  const { people, kit, root } = gone;
  const [system] = systems.parse(await people.run('raj', 'system', 'list')).systems;
  assert.ok(system !== undefined);
  const text = join(root, 'entry.txt');
  const told = pasted.parse(
    await people.run('ana', 'vault', 'paste', system.id, '--kit', kit, '--out', text),
  );
  assert.match(told.steps.join('\n'), /“Break-Glass” \(or “Emergency Access”\)/);

  const fetch = (from: string, out: string, ...more: readonly string[]) => [
    ...['vault', 'fetch', system.id, '--pasted', from, '--out', join(root, out), ...more],
  ];
  const out = fetched.parse(await people.run('ben', ...fetch(text, 'check')));
  assert.deepEqual([out.seals.length, out.proven, out.entry], [told.seals, true, 'pasted']);
  assert.ok(existsSync(join(out.seals[0] ?? '', 'seal.json')));

  const entry = JSON.parse(readFileSync(text, 'utf8'));
  const other = join(root, 'other.txt');
  const [account = ''] = Object.keys(entry.accounts);
  entry.accounts[account][0].digest = 'ab'.repeat(32);
  writeFileSync(other, JSON.stringify(entry));
  assert.match((await people.attempt('ben', fetch(other, 'wrong'))).said, /vault\.other-seal/);
  writeFileSync(other, 'the password is …');
  assert.match((await people.attempt('ben', fetch(other, 'wrong'))).said, /systems\.vault-foreign/);
  const both = fetch(text, 'wrong', '--store', join(root, 'vault.json'));
  assert.match((await people.attempt('ben', both)).said, /cli\.usage/);
  assert.ok(!existsSync(join(root, 'wrong')));
  const unknown = ['vault', 'paste', 'no-such', '--kit', kit, '--out', join(root, 'none.txt')];
  assert.match((await people.attempt('ana', unknown)).said, /systems\.vault-entry/);
});
