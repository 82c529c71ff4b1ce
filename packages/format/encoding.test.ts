import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  base64,
  concat,
  fromBase64,
  fromHex,
  HalliganError,
  hex,
  sameBytes,
  sha256,
  sha512,
  utf8,
} from './index.ts';
import { sha256 as browserSha256, sha512 as browserSha512 } from './sha2.browser.ts';

const code = (expected: string) => (error: unknown) =>
  error instanceof HalliganError && error.code === expected;

test('bytes survive hexadecimal and base64', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.ok(sameBytes(fromHex(hex(bytes)), bytes));
      assert.ok(sameBytes(fromBase64(base64(bytes)), bytes));
    }),
  );
});

test('a second spelling of the same bytes is refused', () => {
  for (const text of ['AA', 'AB==', 'A A==', 'AA==\n', 'AA-_', '====']) {
    assert.throws(() => fromBase64(text), code('format.base64'), text);
  }
  for (const text of ['0', 'AA', '0x', ' 00'])
    assert.throws(() => fromHex(text), code('format.hex'), text);
});

test('SHA-256 and SHA-512 of "abc" are those of FIPS 180-4, native and in the browser alike', () => {
  const expected = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  assert.equal(hex(sha256(utf8('abc'))), expected);
  assert.equal(hex(browserSha256(utf8('abc'))), expected);
  const longer =
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f';
  assert.equal(hex(sha512(utf8('abc'))), longer);
  assert.equal(hex(browserSha512(utf8('abc'))), longer);
  assert.ok(sameBytes(concat(utf8('ab'), utf8('c')), utf8('abc')));
});
