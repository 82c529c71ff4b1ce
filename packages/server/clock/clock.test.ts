import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Clock } from './clock.ts';

test('the clock is never before what was recorded, whatever the machine’s does; looking at it records nothing', () => {
  const readings = [5000, 3000, 6000, 1000, 9000];
  const clock = new Clock(() => readings.shift() ?? 0);
  const at = (milliseconds: number) => new Date(milliseconds).toISOString();
  assert.equal(clock.now(), at(5000));
  assert.equal(clock.now(), at(3000));
  clock.notBefore(at(8000));
  assert.equal(clock.now(), at(8000));
  assert.equal(clock.now(), at(8000));
  clock.notBefore(at(2000));
  assert.equal(clock.now(), at(9000));
  assert.equal(clock.now(), at(8000));
});
