import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { base64 } from '@halligan/format';
import { attachedKeys, KEY_TOOLS, readCredential, verifyAssertion } from '../index.ts';
import { FIDO2_ASSERT, SoftwareKey, skipWithoutFido2 as skip } from './software-key.fixture.ts';

const TOOLS = { ...KEY_TOOLS, assert: FIDO2_ASSERT };
const CHALLENGE = new Uint8Array(32).fill(5);

test('what a key signed for this challenge is taken, by the real program', { skip }, async () => {
  const key = new SoftwareKey();
  const printed = key.sign(CHALLENGE);
  assert.equal(await verifyAssertion(TOOLS, key.enrolled, CHALLENGE, printed), 1);
});

test('another challenge, another key, another party, no touch and no PIN are not', {
  skip,
}, async () => {
  const key = new SoftwareKey();
  const is = (printed: string, challenge = CHALLENGE) =>
    verifyAssertion(TOOLS, key.enrolled, challenge, printed);
  assert.equal(await is(key.sign(CHALLENGE), new Uint8Array(32)), undefined);
  assert.equal(await is(new SoftwareKey('red').sign(CHALLENGE)), undefined);
  assert.equal(await is(key.sign(CHALLENGE, { party: 'example.org' })), undefined);
  assert.equal(await is(key.sign(CHALLENGE, { flags: 0x04 })), undefined);
  assert.equal(await is(key.sign(CHALLENGE, { flags: 0x01 })), undefined);
  for (const printed of ['', '\n\n\n\n', 'a\nb\nWCUA\nAAAA\n', `${'x'.repeat(1e5)}\n`])
    assert.equal(await is(printed), undefined);
});

test('without libfido2’s programs no key is attached, and none is taken', async () => {
  const nowhere = { assert: '/nowhere/fido2-assert', token: '/nowhere/fido2-token' };
  const key = new SoftwareKey();
  assert.deepEqual(await attachedKeys(nowhere), []);
  const printed = key.sign(CHALLENGE);
  assert.equal(await verifyAssertion(nowhere, key.enrolled, CHALLENGE, printed), undefined);
});

test('what the real fido2-cred prints of a key is read, and the key is taken by it', {
  skip,
}, async () => {
  const key = new SoftwareKey();
  const input = key.credential(CHALLENGE);
  const { stdout, status } = spawnSync('fido2-cred', ['-V'], { input, encoding: 'utf8' });
  assert.equal(status, 0);
  const read = readCredential(stdout);
  assert.deepEqual(read.credential, key.enrolled.credential);
  const enrolled = { ...key.enrolled, ...read };
  assert.equal(await verifyAssertion(TOOLS, enrolled, CHALLENGE, key.sign(CHALLENGE)), 1);
});

test('a credential is read as fido2-cred prints it, and nothing else is', () => {
  const { credential, publicKey } = new SoftwareKey().enrolled;
  assert.deepEqual(readCredential(`${base64(credential)}\n${publicKey}`), {
    credential,
    publicKey,
  });
  for (const text of [
    '',
    publicKey,
    `${base64(credential)}\n`,
    `!!!!\n${publicKey}`,
    `abc\n${publicKey}`,
  ])
    assert.throws(() => readCredential(text), { code: 'device.credential' });
});
