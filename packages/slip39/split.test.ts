import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError, hex, utf8 } from '@halligan/format';
import fc from 'fast-check';
import { combine, kindOfWords, parseShare, type Split, split } from './index.ts';

const code = (expected: string) => (error: unknown) =>
  error instanceof HalliganError && error.code === expected && error.hint !== '';

const secrets = fc
  .integer({ min: 8, max: 16 })
  .chain((half) => fc.uint8Array({ minLength: half * 2, maxLength: half * 2 }));
const groups = fc.integer({ min: 1, max: 7 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    threshold: count === 1 ? fc.constant(1) : fc.integer({ min: 2, max: count }),
  }),
);
const splits = fc.array(groups, { minLength: 1, maxLength: 5 }).chain((list) =>
  fc.record({
    secret: secrets,
    groups: fc.constant(list),
    groupThreshold: fc.integer({ min: 1, max: list.length }),
    passphrase: fc.string({ unit: 'grapheme-ascii', maxLength: 12 }),
    extendable: fc.boolean(),
    iterationExponent: fc.constant(0),
    identifier: fc.integer({ min: 0, max: 0x7fff }),
  }),
);

/** A split and, for each group, a shuffle of its members and of the groups: whom an emergency happens to reach. */
const emergencies = splits.chain((options) =>
  fc.record({
    options: fc.constant(options),
    order: fc.shuffledSubarray([...options.groups.keys()], { minLength: options.groups.length }),
    members: fc.tuple(
      ...options.groups.map(({ count }) =>
        fc.shuffledSubarray([...Array(count).keys()], { minLength: count }),
      ),
    ),
    left: fc.nat(),
  }),
);

function qualifying(
  { groups, groupThreshold }: Split,
  order: readonly number[],
  members: readonly (readonly number[])[],
  words: readonly (readonly string[])[],
): readonly string[] {
  return order
    .slice(0, groupThreshold)
    .flatMap((group) =>
      (members[group] ?? [])
        .slice(0, groups[group]?.threshold)
        .map((member) => words[group]?.[member] ?? ''),
    );
}

test('any qualifying set gives the secret back, in any order', () => {
  fc.assert(
    fc.property(emergencies, ({ options, order, members }) => {
      const words = split(options);
      assert.deepEqual(
        words.map((group) => group.length),
        options.groups.map((group) => group.count),
      );
      const set = qualifying(options, order, members, words);
      assert.equal(hex(combine(set, utf8(options.passphrase))), hex(options.secret));
      assert.equal(hex(combine(set.toReversed(), options.passphrase)), hex(options.secret));
    }),
    { numRuns: 60 },
  );
});

test('one share fewer, one too many, and one twice are refused', () => {
  fc.assert(
    fc.property(emergencies, ({ options, order, members, left }) => {
      const words = split(options);
      const set = qualifying(options, order, members, words);
      const fewer = set.toSpliced(left % set.length, 1);
      assert.throws(() => combine(fewer), code('slip39.too-few-shares'));
      assert.throws(() => combine([...set, set[0] ?? '']), code('slip39.duplicate-share'));
      const others = words.flat().filter((mnemonic) => !set.includes(mnemonic));
      const other = others[left % others.length];
      if (other !== undefined) {
        assert.throws(() => combine([...set, other]), code('slip39.too-many-shares'));
        // In place of another share it either completes some quorum of the same secret, or is refused.
        const swapped = set.toSpliced(left % set.length, 1, other);
        let secret: Uint8Array | undefined;
        try {
          secret = combine(swapped, options.passphrase);
        } catch (error) {
          assert.ok(error instanceof HalliganError && /^slip39\.too-/.test(error.code));
        }
        if (secret !== undefined) assert.equal(hex(secret), hex(options.secret));
      }
    }),
    { numRuns: 60 },
  );
});

test('shares of two splits of one secret are refused together', () => {
  const options = {
    secret: utf8('sixteen bytes ok'),
    groupThreshold: 1,
    groups: [{ threshold: 2, count: 2 }],
    iterationExponent: 0,
  };
  const [one = []] = split({ ...options, identifier: 1 });
  const [two = []] = split({ ...options, identifier: 2 });
  const [again = []] = split({ ...options, identifier: 1 });
  assert.throws(() => combine([one[0] ?? '', two[1] ?? '']), code('slip39.mixed-shares'));
  assert.throws(() => combine([one[0] ?? '', again[1] ?? '']), code('slip39.digest'));
  assert.throws(() => combine([]), code('slip39.too-few-shares'));
});

test('an IT quorum together with one executive: two of three, and one of one', () => {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const [it = [], executive = []] = split({
    secret,
    groupThreshold: 2,
    groups: [
      { threshold: 2, count: 3 },
      { threshold: 1, count: 1 },
    ],
  });
  assert.deepEqual(
    [...it, ...executive].map((mnemonic) => mnemonic.split(' ').length),
    [33, 33, 33, 33],
  );
  assert.equal(hex(combine([it[2] ?? '', ...executive, it[0] ?? ''])), hex(secret));
  assert.throws(() => combine(it), code('slip39.too-few-shares'));
  assert.throws(() => combine(executive), code('slip39.too-few-shares'));
  assert.equal(kindOfWords(parseShare(executive[0] ?? '')), 'share');
});

test('words that are whole by themselves are a key, all others are shares', () => {
  const kinds = (groupThreshold: number, ...shape: readonly (readonly [number, number])[]) =>
    split({
      secret: new Uint8Array(16),
      groupThreshold,
      groups: shape.map(([threshold, count]) => ({ threshold, count })),
      iterationExponent: 0,
    }).flatMap((group) => group.map((mnemonic) => kindOfWords(parseShare(mnemonic))));
  assert.deepEqual(kinds(1, [1, 1]), ['key']);
  assert.deepEqual(kinds(1, [2, 2]), ['share', 'share']);
  assert.deepEqual(kinds(1, [1, 1], [1, 1]), ['share', 'share']);
});

test('what the standard forbids is refused before anything is made', () => {
  const good: Split = {
    secret: new Uint8Array(16),
    groupThreshold: 1,
    groups: [{ threshold: 2, count: 3 }],
    iterationExponent: 0,
  };
  const group = (threshold: number, count: number): Partial<Split> => ({
    groups: [{ threshold, count }],
  });
  const bad: readonly Partial<Split>[] = [
    { secret: new Uint8Array(14) },
    { secret: new Uint8Array(17) },
    { secret: new Uint8Array(34) },
    { groupThreshold: 0 },
    { groupThreshold: 2 },
    { groupThreshold: Number.NaN },
    { groups: [] },
    { groups: Array.from({ length: 17 }, () => ({ threshold: 1, count: 1 })) },
    group(0, 1),
    group(1, 2),
    group(3, 2),
    group(2, 17),
    group(1.5, 2),
    { iterationExponent: 16 },
    { iterationExponent: -1 },
    { identifier: 0x8000 },
    { random: () => new Uint8Array(1) },
  ];
  split(good);
  for (const change of bad) {
    assert.throws(() => split({ ...good, ...change }), code('slip39.parameters'));
  }
  for (const passphrase of ['ä', 'tab\t', new Uint8Array([127])]) {
    assert.throws(() => split({ ...good, passphrase }), code('slip39.passphrase'));
    assert.throws(() => combine([], passphrase), code('slip39.passphrase'));
  }
});

test('what was passed in is left as it was, and the given randomness decides everything', () => {
  const secret = utf8('sixteen bytes ok');
  const passphrase = utf8('secret');
  const handedOut: Uint8Array[] = [];
  const random = (size: number) => {
    const bytes = new Uint8Array(size).fill(handedOut.length + 1);
    handedOut.push(bytes);
    return bytes;
  };
  const options = { secret, passphrase, groupThreshold: 1, groups: [{ threshold: 3, count: 5 }] };
  const words = split({ ...options, random });
  assert.equal(hex(secret), hex(utf8('sixteen bytes ok')));
  assert.equal(hex(passphrase), hex(utf8('secret')));
  assert.ok(handedOut.every((bytes, at) => bytes.every((byte) => byte === at + 1)));
  handedOut.length = 0;
  assert.deepEqual(split({ ...options, random }), words);
  assert.notDeepEqual(split(options), words);
  assert.equal(parseShare(words[0]?.[0] ?? '').identifier, 0x0101);
});

test('sixteen groups and sixteen members are possible', () => {
  const words = split({
    secret: new Uint8Array(32).fill(7),
    groupThreshold: 16,
    groups: Array.from({ length: 16 }, () => ({ threshold: 16, count: 16 })),
    iterationExponent: 0,
    extendable: false,
  });
  assert.equal(hex(combine(words.flat())), '07'.repeat(32));
});
