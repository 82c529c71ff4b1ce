import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClockWatch } from './watch.ts';

test('a clock that was set is noticed once, by how much, whichever way', () => {
  const watch = new ClockWatch(1_000_000, 0);
  assert.equal(watch.look(1_005_000, 5_000), undefined);
  assert.equal(watch.look(1_010_000 + 3_600_000, 10_000), 3_600_000);
  assert.equal(watch.look(1_015_000 + 3_600_000, 15_000), undefined);
  assert.equal(watch.look(1_020_000, 20_000), -3_600_000);
});

test('what a time service corrects by itself is not said', () => {
  const watch = new ClockWatch(0, 0);
  assert.equal(watch.look(5_000 + 59_000, 5_000), undefined);
  assert.equal(watch.look(10_000 + 118_000, 10_000), undefined);
});
