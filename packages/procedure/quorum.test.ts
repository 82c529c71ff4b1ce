import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isMet, onlyProgramsMissing, quorumProgress } from './index.ts';
import { ACCOUNT, found } from './practice/practice-organisation.fixture.ts';
import { sealOf } from './practice/practice-rotation.fixture.ts';
import { canBeMet } from './quorum.ts';

test('progress counts holders whom the seal names, each in the group it names them in', async () => {
  const header = sealOf(await found(), ACCOUNT, 1);
  const released = (...list: readonly (readonly [string, string])[]) =>
    quorumProgress(
      header,
      'offline',
      list.map(([group, holder]) => ({ group, holder })),
    );
  assert.equal(
    isMet(released(['keyholders', 'ana'], ['keyholders', 'ben'], ['executives', 'eli'])),
    true,
  );
  assert.equal(
    isMet(released(['keyholders', 'ana'], ['keyholders', 'ana'], ['executives', 'eli'])),
    false,
  );
  assert.equal(
    isMet(released(['keyholders', 'ana'], ['keyholders', 'zoe'], ['executives', 'eli'])),
    false,
  );
  assert.equal(
    isMet(released(['executives', 'ben'], ['keyholders', 'ben'], ['keyholders', 'ana'])),
    false,
  );
  assert.equal(isMet(quorumProgress(header, 'no-such-path', [])), false);
  assert.equal(isMet([]), false);
  assert.deepEqual(
    released(['keyholders', 'ana']).map(({ missing }) => missing),
    [['ben', 'cleo'], ['eli']],
  );
  const standard = quorumProgress(header, 'standard', [
    { group: 'keyholders', holder: 'ana' },
    { group: 'keyholders', holder: 'ben' },
  ]);
  assert.equal(isMet(standard), false);
  assert.equal(onlyProgramsMissing(standard), true);
});

/** By trying everything. */
function byBruteForce(
  places: readonly (readonly string[])[],
  used: readonly string[] = [],
): boolean {
  const [place, ...others] = places;
  return (
    place === undefined ||
    place.some((holder) => !used.includes(holder) && byBruteForce(others, [...used, holder]))
  );
}

test('distinct people fill all places exactly where trying everything finds a way', () => {
  const holders = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 5 });
  const groups = fc.array(fc.record({ need: fc.integer({ min: 0, max: 3 }), holders }), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(groups, (list) => {
      const places = list.flatMap((group) =>
        Array.from({ length: group.need }, () => group.holders),
      );
      assert.equal(canBeMet(list), byBruteForce(places));
    }),
  );
});
