import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decryptWith, encryptTo } from './age.ts';
import { generateIdentity, recipientOf } from './identity.ts';

test('no file is read through a Response: a program that opens one share would load an HTTP client for it', async (t) => {
  const identity = generateIdentity('x25519');
  const recipient = await recipientOf(identity);
  const before = Object.getOwnPropertyDescriptor(globalThis, 'Response') ?? {};
  t.after(() => Object.defineProperty(globalThis, 'Response', before));
  Object.defineProperty(globalThis, 'Response', {
    configurable: true,
    get: () => assert.fail('Response was used'),
  });
  // Longer than two of age's chunks, and nothing.
  for (const size of [0, 1, (1 << 17) + 5]) {
    const plain = new Uint8Array(size).fill(7);
    const file = await encryptTo([recipient], plain);
    assert.deepEqual(await decryptWith(identity, file, 'It', 1 << 20), plain);
    const cut = file.subarray(0, -1);
    await assert.rejects(decryptWith(identity, cut, 'It', 1 << 20), { code: 'seal.damaged' });
  }
});
