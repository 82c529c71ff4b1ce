import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hex } from '@halligan/format';
import { combine, kindOfWords, mnemonicOf, parseShare, type Share } from '@halligan/slip39';
import fc from 'fast-check';
import { checkPaths, type Path } from './index.ts';
import { missingIn } from './quorum.ts';
import { refused } from './refused.ts';
import { combineSeed, type SeedShare, splitSeed } from './split-seed.ts';

const SEED = Uint8Array.from({ length: 32 }, (_, at) => at * 7 + 1);

const path = (
  name: string,
  groups: Readonly<Record<string, readonly [number, ...string[]]>>,
): Path => ({
  name,
  groups: Object.entries(groups).map(([group, [need, ...holders]]) => ({
    name: group,
    need,
    holders,
  })),
});
const standard = path('standard', { keyholders: [2, 'ana', 'ben', 'cid'], server: [1, 'server'] });
const offline = path('offline', {
  keyholders: [2, 'ana', 'ben', 'cid'],
  executives: [1, 'eva', 'fay'],
});
const solo = path('solo', {
  keyholders: [1, 'ana', 'ben'],
  executives: [1, 'eva'],
  server: [1, 'server'],
});
const both = path('both', { keyholders: [2, 'ana', 'ben'], executives: [1, 'ana'] });
const flat = path('flat', { keyholders: [3, 'ana', 'ben', 'cid', 'dan'] });

/** Our own reading of the rule, in the fewest words: some path has enough of them in every group. */
const admits = (paths: readonly Path[], holders: ReadonlySet<string>) =>
  paths.some(({ groups }) =>
    groups.every((group) => group.holders.filter((one) => holders.has(one)).length >= group.need),
  );

/**
 * What holders who collude can try: put together each path as far as it goes, and otherwise rewrite the words'
 * own numbers (they are not secret, and the checksum is no signature) so that what they have counts as enough,
 * also with words of another path in place of a group that they lack.
 */
function attempts(paths: readonly Path[], held: readonly SeedShare[]): readonly string[][] {
  const read = new Map(held.map((share) => [share, parseShare(share.words)]));
  const perPath = paths.map(({ name, groups }) =>
    groups.map((group) => {
      const words = new Map<string, Share>();
      for (const [share, said] of read) {
        if (share.path === name && share.group === group.name) words.set(share.words, said);
      }
      return { need: group.need, shares: [...words.values()] };
    }),
  );
  return perPath.flatMap((groups, at) => {
    const honest = groups.flatMap(({ need, shares }) => shares.slice(0, need).map(mnemonicOf));
    const have = groups.filter(({ shares }) => shares.length > 0);
    const lowered = have.flatMap(({ need, shares }) =>
      shares.slice(0, need).map((share) =>
        mnemonicOf({
          ...share,
          memberThreshold: Math.min(need, shares.length),
          groupThreshold: have.length,
        }),
      ),
    );
    const [sample] = have[0]?.shares ?? [];
    const elsewhere = perPath.flatMap((groups, other) => (other === at ? [] : groups));
    const borrowed = groups.flatMap(({ need, shares }, groupIndex) => {
      const taken = shares.length >= need ? shares.slice(0, need) : [];
      const lent = elsewhere.find((group) => group.shares.length >= group.need);
      if (taken.length > 0 || lent === undefined || sample === undefined)
        return taken.map(mnemonicOf);
      return lent.shares.slice(0, lent.need).map((share) =>
        mnemonicOf({
          ...share,
          identifier: sample.identifier,
          groupIndex,
          groupCount: groups.length,
          groupThreshold: groups.length,
        }),
      );
    });
    return [honest, lowered, borrowed].filter((words) => words.length > 0);
  });
}

/** Whether any attempt gives the seed. Equal words are combined once: many sets of holders hold the same. */
function recovers(
  paths: readonly Path[],
  held: readonly SeedShare[],
  known: Map<string, boolean>,
): boolean {
  return attempts(paths, held).some((words) => {
    const key = words.join('|');
    const before = known.get(key);
    if (before !== undefined) return before;
    const now = gives(words, SEED);
    known.set(key, now);
    return now;
  });
}

function gives(words: readonly string[], seed: Uint8Array): boolean {
  try {
    return hex(combine(words)) === hex(seed);
  } catch {
    return false;
  }
}

const subsets = (all: readonly string[]): readonly ReadonlySet<string>[] =>
  Array.from(
    { length: 2 ** all.length },
    (_, bits) => new Set(all.filter((_, at) => ((bits >> at) & 1) === 1)),
  );

const holdersOf = (paths: readonly Path[]) => [
  ...new Set(paths.flatMap(({ groups }) => groups.flatMap(({ holders }) => holders))),
];

for (const [name, paths] of Object.entries({
  'standard and offline': [standard, offline],
  'standard, offline and solo': [standard, offline, solo],
  'someone in two groups': [both, standard],
  'one group': [flat, standard],
})) {
  test(`all sets of holders: ${name}`, () => {
    checkPaths(paths);
    const shares = splitSeed(paths, SEED);
    const known = new Map<string, boolean>();
    const sets = subsets(holdersOf(paths));
    assert.ok(sets.length >= 16 && sets.length <= 64);
    let open = 0;
    for (const set of sets) {
      const expected = admits(paths, set);
      const held = shares.filter(({ holder }) => set.has(holder));
      assert.equal(recovers(paths, held, known), expected, [...set].join());
      open += Number(expected);
    }
    assert.ok(open > 0 && open < sets.length);
  });
}

test('the server and the executives together have no keyholder, so they have nothing', () => {
  const paths = [standard, offline];
  const shares = splitSeed(paths, SEED);
  const few = ['server', 'eva', 'fay'];
  assert.ok(
    !recovers(
      paths,
      shares.filter(({ holder }) => few.includes(holder)),
      new Map(),
    ),
  );
  for (const one of ['ana', 'ben', 'cid', 'eva', 'fay']) {
    const held = shares.filter(({ holder }) => holder === one || holder === 'server');
    assert.ok(!recovers(paths, held, new Map()), `${one} with the server`);
  }
});

const pool = ['a', 'b', 'c', 'd', 'e', 'f'];
const groups = fc
  .array(
    fc.uniqueArray(fc.constantFrom(...pool), { minLength: 1, maxLength: 4 }).chain((holders) =>
      fc.record({
        need: fc.integer({ min: 1, max: holders.length }),
        holders: fc.constant(holders),
      }),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((list) => list.map((group, at) => ({ name: `g${at}`, ...group })));
const policies = fc
  .array(groups, { minLength: 1, maxLength: 3 })
  .map((list) => list.map((groups, at): Path => ({ name: `p${at}`, groups })))
  .filter((paths) => {
    try {
      checkPaths(paths);
      return true;
    } catch {
      return false;
    }
  });

test('random policies: exactly the sets that a path admits recover the seed', () => {
  fc.assert(
    fc.property(policies, fc.subarray(pool), (paths, set) => {
      const held = splitSeed(paths, SEED).filter(({ holder }) => set.includes(holder));
      const expected = admits(paths, new Set(set));
      assert.equal(recovers(paths, held, new Map()), expected);
      const opened = paths.filter(
        (one) => missingIn(one, (_, holder) => set.includes(holder)).length === 0,
      );
      assert.equal(opened.length > 0, expected);
      for (const one of opened) {
        const shares = held.filter(({ path }) => path === one.name);
        assert.deepEqual(combineSeed(one, shares), SEED);
      }
    }),
    { numRuns: 40 },
  );
});

test('no share is a key, paths have identifiers of their own, copies are equal', () => {
  const shares = splitSeed([standard, offline, solo], SEED);
  const identifiers = new Map<string, Set<number>>();
  for (const { path, words } of shares) {
    const share = parseShare(words);
    assert.equal(words.split(' ').length, 33);
    assert.equal(kindOfWords(share), 'share');
    assert.equal(share.extendable, true);
    assert.ok(share.iterationExponent <= 1);
    identifiers.set(path, (identifiers.get(path) ?? new Set()).add(share.identifier));
  }
  const each = [...identifiers.values()].map((set) => [...set]);
  assert.deepEqual(
    each.map((set) => set.length),
    [1, 1, 1],
  );
  assert.equal(new Set(each.flat()).size, 3);
  const [eva, fay] = shares.filter(
    ({ group, path }) => group === 'executives' && path === 'offline',
  );
  assert.equal(eva?.words, fay?.words);
});

test('words that are not what the path says are refused, whoever sealed them', () => {
  const shares = splitSeed([standard], SEED).filter(({ holder }) => holder !== 'cid');
  const forged = (change: Partial<Share>, of = 'ana') =>
    shares.map((share) =>
      share.holder === of
        ? { ...share, words: mnemonicOf({ ...parseShare(share.words), ...change }) }
        : share,
    );
  assert.deepEqual(combineSeed(standard, shares), SEED);
  for (const change of [
    { memberThreshold: 1 },
    { groupThreshold: 1 },
    { groupCount: 3 },
    { groupIndex: 1 },
    { memberIndex: 5 },
    { iterationExponent: 15 },
    { groupCount: 1, groupThreshold: 1, memberThreshold: 1 },
  ]) {
    assert.throws(
      () => combineSeed(standard, forged(change)),
      refused('seal.share-mismatch', /ana/),
    );
  }
});
