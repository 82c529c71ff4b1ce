import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, HalliganError, hex, sha256, utf8 } from '@halligan/format';
import { wordlist, wordsOfBits } from './index.ts';
import { wordsMeantBy } from './meant.ts';

test('the list is that of the standard', () => {
  assert.equal(wordlist.length, 1024);
  assert.equal(
    hex(sha256(utf8(`${wordlist.join('\n')}\n`))),
    'bcc4555340332d169718aed8bf31dd9d5248cb7da6e5d355140ef4f1e601eec3',
  );
  assert.equal(new Set(wordlist.map((word) => word.slice(0, 4))).size, 1024);
  assert.ok(Object.isFrozen(wordlist));
});

test('the first bits become words, ten at a time', () => {
  assert.deepEqual(wordsOfBits(fromHex('0000'), 1), ['academic']);
  assert.deepEqual(wordsOfBits(fromHex('004020'), 2), ['acid', 'acne']);
  assert.deepEqual(wordsOfBits(fromHex('ffffffffff'), 4), ['zero', 'zero', 'zero', 'zero']);
  assert.equal(wordsOfBits(sha256(utf8('genesis')), 13).length, 13);
  for (const [bytes, count] of [
    [1, 1],
    [2, 2],
    [4, 0],
    [4, 1.5],
  ] as const) {
    assert.throws(
      () => wordsOfBits(new Uint8Array(bytes), count),
      (error: unknown) => error instanceof HalliganError && error.code === 'slip39.parameters',
    );
  }
});

test('a word of the list with one slip is found again', () => {
  for (const word of wordlist.filter((_, index) => index % 8 === 0)) {
    const slips = [
      word.slice(1),
      word.slice(0, -1),
      `${word}s`,
      `q${word.slice(1)}`,
      `${word[1]}${word[0]}${word.slice(2)}`,
    ];
    for (const slip of slips) {
      if (!wordlist.includes(slip))
        assert.ok(wordsMeantBy(slip).includes(word), `${slip}, ${word}`);
    }
  }
});
