import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calibrate, type GuessCost, LEAST_COST } from '../index.ts';

/** A machine on which a pass takes so many milliseconds, and the first guess longer. */
function machine(milliseconds: number) {
  let isFirst = true;
  return async ({ passes }: GuessCost) => {
    const took = passes * milliseconds * (isFirst ? 5 : 1);
    isFirst = false;
    return took;
  };
}

test('a fast machine makes a guess cost more, a slow one never less than RFC 9106’s second recommendation', async () => {
  assert.deepEqual(await calibrate(machine(25)), { ...LEAST_COST, passes: 10 });
  assert.deepEqual(await calibrate(machine(0.001)), { ...LEAST_COST, passes: 32 });
  for (const slow of [84, 1000]) assert.deepEqual(await calibrate(machine(slow)), LEAST_COST);
});

test('on this machine it is no less either', async () => {
  const { memory, passes, parallelism } = await calibrate();
  assert.ok(passes >= LEAST_COST.passes);
  assert.deepEqual({ memory, parallelism }, { memory: 65_536, parallelism: 4 });
});
