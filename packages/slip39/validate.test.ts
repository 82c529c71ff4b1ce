import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError } from '@halligan/format';
import fc from 'fast-check';
import { combine, mnemonicOf, parseShare, type Share, validateWords, wordlist } from './index.ts';
import { isIntact, suspects } from './rs1024.ts';

const code = (expected: string) => (error: unknown) =>
  error instanceof HalliganError && error.code === expected && error.hint !== '';

const parameters = fc.record({
  identifier: fc.integer({ min: 0, max: 0x7fff }),
  extendable: fc.boolean(),
  iterationExponent: fc.nat(15),
  memberIndex: fc.nat(15),
  memberThreshold: fc.integer({ min: 1, max: 16 }),
  value: fc
    .integer({ min: 8, max: 16 })
    .chain((half) => fc.uint8Array({ minLength: half * 2, maxLength: half * 2 })),
});
const shares: fc.Arbitrary<Share> = fc
  .tuple(parameters, fc.nat(15), fc.nat(15), fc.nat(15))
  .map(([common, first, second, index]) => {
    const groupCount = Math.max(first, second) + 1;
    return {
      ...common,
      groupCount,
      groupThreshold: Math.min(first, second) + 1,
      groupIndex: index % groupCount,
    };
  });

const indicesOf = (mnemonic: string) => mnemonic.split(' ').map((word) => wordlist.indexOf(word));

test('a share survives its words, whatever their case and spacing', () => {
  fc.assert(
    fc.property(shares, (share) => {
      const mnemonic = mnemonicOf(share);
      assert.deepEqual(parseShare(mnemonic), share);
      assert.deepEqual(
        parseShare(`\n ${mnemonic.toUpperCase().replaceAll(' ', ' \t\r\n')} `),
        share,
      );
    }),
  );
});

test('a share of more groups than there are is refused, whatever its checksum', () => {
  fc.assert(
    fc.property(shares, fc.nat(15), fc.nat(15), (share, index, threshold) => {
      const groupIndex = Math.max(share.groupIndex, index);
      const groupThreshold = Math.max(share.groupThreshold, threshold);
      fc.pre(groupIndex >= share.groupCount || groupThreshold > share.groupCount);
      const forged = mnemonicOf({ ...share, groupIndex, groupThreshold });
      assert.throws(() => parseShare(forged), code('slip39.parameters'));
    }),
  );
});

test('one wrong word is always caught, and it is the one suspect', () => {
  fc.assert(
    fc.property(shares, fc.nat(), fc.integer({ min: 1, max: 1023 }), (share, at, change) => {
      const words = mnemonicOf(share).split(' ');
      const place = at % words.length;
      const wrong = wordlist[wordlist.indexOf(words[place] ?? '') ^ change] ?? '';
      const mnemonic = words.with(place, wrong).join(' ');
      const verdict = validateWords(mnemonic);
      assert.deepEqual(verdict, { kind: 'checksum', suspects: [place + 1] });
      assert.throws(() => parseShare(mnemonic), code('slip39.checksum'));
      assert.throws(() => combine([mnemonic]), code('slip39.checksum'));
    }),
    { numRuns: 200 },
  );
});

test('every change of the second word is caught, also those that flip the extendable flag', () => {
  fc.assert(
    fc.property(shares, (share) => {
      const indices = indicesOf(mnemonicOf(share));
      for (const index of wordlist.keys())
        assert.equal(isIntact(indices.with(1, index)), index === indices[1]);
    }),
    { numRuns: 20 },
  );
});

test('two or three wrong words are caught, and two never accuse a third', () => {
  const slip = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 1023 }));
  fc.assert(
    fc.property(
      shares,
      fc.uniqueArray(slip, { minLength: 2, maxLength: 3, selector: ([at]) => at }),
      (share, slips) => {
        const indices = indicesOf(mnemonicOf(share));
        const places = new Set(slips.map(([at]) => at % indices.length));
        fc.pre(places.size === slips.length && !places.has(1));
        const wrong = indices.slice();
        for (const [at, change] of slips) {
          const place = at % indices.length;
          wrong[place] = (wrong[place] ?? 0) ^ change;
        }
        const verdict = validateWords(wrong.map((index) => wordlist[index]).join(' '));
        assert.equal(verdict.kind, 'checksum');
        // Place 1 may be accused, once in two million times.
        const accused = suspects(wrong).filter((place) => place !== 1);
        if (slips.length === 2) assert.deepEqual(accused, []);
      },
    ),
    { numRuns: 150 },
  );
});

const intact =
  'duckling enlarge academic academic agency result length solution fridge kidney coal piece deal husband erode duke ajar critical decision keyboard';

test('words that are not on the list are named, with what they may have been meant as', () => {
  const verdict = validateWords(
    intact.replace('enlarge', 'enlrage').replace('fridge', 'frid').replace('coal', 'zzzzzz'),
  );
  assert.deepEqual(verdict, {
    kind: 'unknown-words',
    unknown: [
      { number: 2, word: 'enlrage', meant: ['enlarge', 'engage'] },
      { number: 9, word: 'frid', meant: ['fridge'] },
      { number: 11, word: 'zzzzzz', meant: [] },
    ],
  });
});

test('a beginning is not a word, and messages hold no word', () => {
  for (const mnemonic of [
    intact.replaceAll(/\b(\w{4})\w*/g, '$1'),
    intact.replace('keyboard', 'keyb'),
  ]) {
    assert.throws(
      () => parseShare(mnemonic),
      (error: unknown) => {
        assert.ok(code('slip39.unknown-word')(error) && error instanceof HalliganError);
        for (const word of mnemonic.split(' ')) {
          if (word.length > 3)
            assert.doesNotMatch(`${error.message} ${error.hint}`, new RegExp(`\\b${word}\\b`));
        }
        return true;
      },
    );
  }
});

test('a wrong number of words is told, and a flood of them costs nothing', () => {
  const words = intact.split(' ');
  for (const count of [0, 1, 19, 21, 24, 26, 29, 32, 34, 100_000]) {
    const text = Array.from({ length: count }, (_, at) => words[at % words.length]).join(' ');
    assert.deepEqual(validateWords(text), { kind: 'length', count });
    assert.throws(() => parseShare(text), code('slip39.length'));
  }
  const [unknown] = (() => {
    const verdict = validateWords('x'.repeat(1_000_000));
    return verdict.kind === 'unknown-words' ? verdict.unknown : [];
  })();
  assert.deepEqual(unknown?.meant, []);
});

test('no text makes it throw anything but a HalliganError', () => {
  const word = fc.oneof(fc.constantFrom(...wordlist), fc.string());
  fc.assert(
    fc.property(fc.array(word, { maxLength: 35 }), (words) => {
      const text = words.join(' ');
      const verdict = validateWords(text);
      if (verdict.kind === 'intact') return;
      assert.throws(() => parseShare(text), HalliganError);
    }),
  );
});
