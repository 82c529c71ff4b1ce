import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Clock } from './clock.ts';

test('the clock never goes back, whatever the machine’s does, and the record’s times hold it too', () => {
  const readings = [5000, 3000, 6000, 1000, 9000];
  const clock = new Clock(() => readings.shift() ?? 0);
  const at = (milliseconds: number) => new Date(milliseconds).toISOString();
  assert.equal(clock.now(), at(5000));
  assert.equal(clock.now(), at(5000));
  assert.equal(clock.now(), at(6000));
  clock.notBefore(at(8000));
  assert.equal(clock.now(), at(8000));
  clock.notBefore(at(2000));
  assert.equal(clock.now(), at(9000));
});
