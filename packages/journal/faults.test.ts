import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faults } from './faults.ts';

test('a killed writer loses nothing that it acknowledged', async () => {
  const report = await faults(6, () => {});
  assert.deepEqual(report.lost, []);
  assert.ok(report.acknowledged > 0);
});
