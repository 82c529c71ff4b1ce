import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contoso } from './contoso.fixture.ts';
import { wholeEmergency } from './emergency.fixture.ts';
import { exitCodeOf, verifyPack } from './index.ts';

test('a whole emergency verifies', async () => {
  const record = await contoso();
  const emergency = await wholeEmergency(record);
  const pack = await record.pack(emergency);
  const claims = await verifyPack(pack);
  assert.equal(exitCodeOf(claims), 0);
});
