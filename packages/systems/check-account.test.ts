import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { checkAccount } from './check-account.ts';
import { type Driver, NOTHING_KNOWN } from './driver.ts';
import { generatePassword } from './generate-password.ts';
import { createPracticeSystem, openPracticeDriver } from './practice/driver.ts';

const folder = mkdtempSync(join(tmpdir(), 'halligan-check-'));
after(() => rmSync(folder, { recursive: true }));
const system = join(folder, 'system');
await createPracticeSystem(system, [
  { name: 'ready', password: generatePassword() },
  { name: 'shut', password: generatePassword(), locked: true },
]);

test('an account that is ready has no shortcomings; a locked one and a missing one have', async () => {
  const driver = openPracticeDriver(system);
  assert.deepEqual(await checkAccount(driver, 'ready'), []);
  const [locked] = await checkAccount(driver, 'shut');
  assert.deepEqual([locked?.level, locked?.found], ['fail', 'The account is locked.']);
  const [missing] = await checkAccount(driver, 'nobody');
  assert.equal(missing?.level, 'fail');
  assert.match(missing?.found ?? '', /no such account/);
});

test('what a system does not tell is a warning, beside what its driver says', async () => {
  const own = { level: 'fail', found: 'It expires tomorrow.', fix: 'Let it not expire.' } as const;
  const driver: Driver = {
    ...openPracticeDriver(system),
    inspect: async (name) => ({
      exists: true,
      name,
      locked: 'unknown',
      mustChangePassword: true,
      groups: 'unknown',
      passwordChangedAt: 'unknown',
      access: NOTHING_KNOWN,
    }),
    shortcomings: async () => [own],
  };
  const found = await checkAccount(driver, 'ready');
  assert.deepEqual(
    found.map(({ level }) => level),
    ['warn', 'fail', 'fail'],
  );
  assert.deepEqual(found.at(-1), own);
});
