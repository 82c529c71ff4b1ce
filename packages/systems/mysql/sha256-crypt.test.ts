import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { utf8, utf8Text } from '@halligan/format';
import { sha256Crypt } from './sha256-crypt.ts';

test('a hash that MySQL made, with its 20 bytes of salt, comes out the same', () => {
  // The example of hashcat's mode 7401 (MySQL $A$): https://hashcat.net/wiki/doku.php?id=example_hashes
  const salt = Uint8Array.fromHex('F9CC98CE08892924F50A213B6BC571A2C11778C5');
  const hash =
    '625479393559393965414D45316477456B484F41316E64484742577A2E3162785353526B7554584647562F';
  assert.equal(sha256Crypt(utf8('hashcat'), salt, 5000), utf8Text(Uint8Array.fromHex(hash)));
});

const openssl = spawnSync('openssl', ['version']);

test('passwords of every length around the block come out as openssl makes them', {
  skip: openssl.error === undefined ? false : 'openssl is not installed',
}, () => {
  for (const password of [
    'a',
    'Hello world!',
    ...[31, 32, 33, 64, 100].map((n) => 'x'.repeat(n)),
  ]) {
    const made = spawnSync('openssl', ['passwd', '-5', '-salt', 'saltstringsaltst', '-stdin'], {
      input: `${password}\n`,
      encoding: 'utf8',
    }).stdout.trim();
    assert.equal(
      `$5$saltstringsaltst$${sha256Crypt(utf8(password), utf8('saltstringsaltst'), 5000)}`,
      made,
    );
  }
});
