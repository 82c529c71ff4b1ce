import assert from 'node:assert/strict';
import { test } from 'node:test';
import { twoClocks } from './two-clocks.ts';

test('an instant is shown in UTC and by the organisation’s clock, summer and winter', () => {
  for (const [at, zone, shown] of [
    ['2026-03-02T14:32:10.123Z', 'UTC', '2026-03-02 14:32 UTC'],
    ['2026-01-02T14:32:10Z', 'Europe/London', '2026-01-02 14:32 UTC'],
    [
      '2026-07-02T14:32:10Z',
      'Europe/London',
      '2026-07-02 14:32 UTC (2026-07-02 15:32 Europe/London)',
    ],
    ['2026-03-02T23:30:00Z', 'Europe/Oslo', '2026-03-02 23:30 UTC (2026-03-03 00:30 Europe/Oslo)'],
  ] as const)
    assert.equal(twoClocks(at, zone), shown);
});
