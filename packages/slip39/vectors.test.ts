import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fromHex, HalliganError, hex } from '@halligan/format';
import { combine, mnemonicOf, parseShare, validateWords } from './index.ts';

type Vector = readonly [
  description: string,
  mnemonics: readonly string[],
  secret: string,
  key: string,
];
const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL('./vectors/vectors.json', import.meta.url), 'utf8'),
);

/** Why each refused vector must be refused: an error for another reason would prove nothing. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/invalid checksum/, 'slip39.checksum'],
  [/invalid padding/, 'slip39.padding'],
  [/Basic sharing 2-of-3/, 'slip39.too-few-shares'],
  [/different|mismatching/, 'slip39.mixed-shares'],
  [/greater group threshold/, 'slip39.parameters'],
  [/duplicate member indices/, 'slip39.duplicate-share'],
  [/invalid digest/, 'slip39.digest'],
  [/[Ii]nsufficient number/, 'slip39.too-few-shares'],
  [/insufficient length|invalid master secret length/, 'slip39.length'],
];

test('there are 45 official vectors', () => assert.equal(vectors.length, 45));

for (const [description, mnemonics, secret] of vectors) {
  test(`vector ${description}`, () => {
    if (secret !== '') {
      assert.equal(hex(combine(mnemonics, 'TREZOR')), secret);
      assert.equal(hex(combine(mnemonics.toReversed(), fromHex('5452455a4f52'))), secret);
      assert.notEqual(hex(combine(mnemonics, 'TREZOR ')), secret);
      for (const mnemonic of mnemonics) {
        assert.equal(mnemonicOf(parseShare(mnemonic)), mnemonic);
        assert.deepEqual(validateWords(mnemonic), { kind: 'intact' });
      }
      return;
    }
    const reason = reasons.find(([pattern]) => pattern.test(description))?.[1];
    assert.throws(
      () => combine(mnemonics, 'TREZOR'),
      (error: unknown) => error instanceof HalliganError && error.code === reason,
    );
  });
}
