import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { concat, fromBase64, utf8 } from '@halligan/format';
import { ed25519 } from '@noble/curves/ed25519.js';
import { cachingToken, ed25519Token, nativeToken, passwordHash } from './authentication.ts';

const digest = (name: string, ...parts: readonly Uint8Array[]) => {
  const hash = createHash(name);
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const xor = (one: Uint8Array, other: Uint8Array) => one.map((byte, at) => byte ^ (other[at] ?? 0));

test('hashes are those of the servers’ manuals', () => {
  // MariaDB's manual: SELECT PASSWORD('mariadb'), and of the ed25519 plugin: 'secret'.
  assert.equal(
    passwordHash(utf8('mariadb'), 'mysql_native_password'),
    '*54958E764CE10E50764C2EECBB71D01F08549980',
  );
  assert.equal(
    passwordHash(utf8('secret'), 'ed25519'),
    'ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY',
  );
  const [one, two] = [0, 1].map(() => passwordHash(utf8('x'), 'caching_sha2_password'));
  assert.match(one ?? '', /^\$A\$005\$[A-Za-z0-9./]{20}[A-Za-z0-9./]{43}$/);
  assert.notEqual(one, two);
});

test('a server finds the hash that it keeps in the answer to its challenge', () => {
  const password = utf8('correct horse battery staple');
  const challenge = Uint8Array.from({ length: 20 }, (_, at) => at + 1);
  const stored = digest('sha1', digest('sha1', password));
  const native = xor(nativeToken(password, challenge), digest('sha1', challenge, stored));
  assert.deepEqual(digest('sha1', native), stored);
  const cached = digest('sha256', digest('sha256', password));
  const caching = xor(cachingToken(password, challenge), digest('sha256', cached, challenge));
  assert.deepEqual(digest('sha256', caching), cached);
});

test('an answer by ed25519 is a signature that RFC 8032 verifies, under the key that is kept', () => {
  for (const password of ['x', 'correct horse battery staple', 'Zürich–試験']) {
    const challenge = digest('sha256', utf8(password));
    const kept = fromBase64(`${passwordHash(utf8(password), 'ed25519')}=`);
    const answer = ed25519Token(utf8(password), challenge);
    assert.ok(ed25519.verify(answer, challenge, kept));
    const behind = concat(challenge, Uint8Array.of(0));
    assert.deepEqual(ed25519Token(utf8(password), behind), answer);
    assert.ok(!ed25519.verify(ed25519Token(utf8(`${password} `), challenge), challenge, kept));
  }
});
