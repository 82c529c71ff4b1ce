import assert from 'node:assert/strict';
import { argon2Sync } from 'node:crypto';
import { test } from 'node:test';
import { hex, utf8 } from '@halligan/format';
import { isPassword, LEAST_COST, makeVerifier, type Verifier } from '../index.ts';

const KEY = new Uint8Array(32).fill(7);
const SALT = new Uint8Array(16).fill(9);
const ABOUT = { subject: 'ana', at: 1000, cost: { memory: 64, passes: 1, parallelism: 1 } };
const verifier = await makeVerifier(utf8('right'), KEY, SALT, ABOUT);

test('the password is the one that was kept, and no other is', async () => {
  assert.equal(await isPassword(utf8('right'), KEY, verifier), true);
  for (const wrong of ['wrong', '', 'right ', 'Right', 'right\0'])
    assert.equal(await isPassword(utf8(wrong), KEY, verifier), false, wrong);
});

test('without the machine’s key, or with anything of it changed, no password fits', async () => {
  const right = utf8('right');
  assert.equal(await isPassword(right, new Uint8Array(32), verifier), false);
  const changed: readonly Verifier[] = [
    { ...verifier, subject: 'ben' },
    { ...verifier, at: 1001 },
    { ...verifier, cost: { ...verifier.cost, memory: 128 } },
    { ...verifier, salt: new Uint8Array(16) },
    { ...verifier, mac: new Uint8Array(32) },
    { ...verifier, mac: verifier.mac.slice(1) },
  ];
  for (const other of changed) assert.equal(await isPassword(right, KEY, other), false);
});

test('the cost is never below the second recommendation of RFC 9106', () => {
  assert.deepEqual(LEAST_COST, { memory: 65_536, passes: 3, parallelism: 4 });
});

test('Argon2id is that of RFC 9106 section 5.3', () => {
  const tag = argon2Sync('argon2id', {
    message: new Uint8Array(32).fill(1),
    nonce: new Uint8Array(16).fill(2),
    secret: new Uint8Array(8).fill(3),
    associatedData: new Uint8Array(12).fill(4),
    ...{ memory: 32, passes: 3, parallelism: 4, tagLength: 32 },
  });
  assert.equal(hex(tag), '0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659');
});
