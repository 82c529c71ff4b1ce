/** The harness of `npm run faults -- --rotations N`, and a few rotations of the practice system under it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Battlefield, type Blow, type Drawn, drawBlow } from './blows.ts';
import { rotationFaults } from './rotation-faults.fixture.ts';
import { chances } from './seeded.ts';

test('rotations whose server and rotator are killed lose no account', async () => {
  const ordeal = { system: 'practice', rotations: 3, seed: 'calm', from: 1 };
  const report = await rotationFaults(ordeal, () => undefined);
  assert.deepEqual(report.wrong, []);
  const fell = (blow: Blow) => report.blows.get(blow)?.fell ?? 0;
  assert.equal(fell('server') + fell('rotator'), 3);
});

test('the same seed and number draw the same blow', () => {
  const field = battlefield();
  const drawn = [1, 2, 3, 4, 5, 6].map((number) => drawBlow(field, chances('a', number)));
  const again = [4, 5, 6].map((number) => drawBlow(field, chances('a', number)));
  const shown = ({ name, moment }: Drawn) => `${name} ${moment}`;
  assert.deepEqual(again.map(shown), drawn.slice(3).map(shown));
  const other = [1, 2, 3, 4, 5, 6].map((number) => drawBlow(field, chances('b', number)));
  assert.notDeepEqual(other.map(shown), drawn.map(shown));
});

/** One without a network, on which only processes are killed. */
function battlefield(): Battlefield {
  const nothing = async () => undefined;
  return {
    ...{ line: undefined, liar: undefined, troubles: undefined },
    ...{ tryWrongly: nothing, killServer: nothing, killRotators: () => undefined },
  };
}
