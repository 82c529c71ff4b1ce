import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { concat, fromHex } from '@halligan/format';
import type { Sign } from './ed25519.ts';

/** What comes before a 32-byte seed in PKCS#8, and before a 1312-byte key in SPKI, of ML-DSA-44 (RFC 9881). */
const PKCS8_PREFIX = fromHex('3034020100300b060960864801650304031104228020');
const SPKI_PREFIX = fromHex('30820532300b06096086480165030403110382052100');

/** The public key (1312 bytes) of a 32-byte seed, and a way to sign with it (FIPS 204, pure, empty context), off the calling thread: 2420-byte signatures. */
export async function mlDsaSigner(
  seed: Uint8Array,
): Promise<{ readonly publicKey: Uint8Array; readonly sign: Sign }> {
  const pkcs8 = concat(PKCS8_PREFIX, seed);
  const key = createPrivateKey({ key: Buffer.from(pkcs8.buffer), format: 'der', type: 'pkcs8' });
  pkcs8.fill(0);
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(spki.subarray(SPKI_PREFIX.length)),
    sign: (message) => signApart(message, key),
  };
}

/** Whether a signature over a message is by this 1312-byte public key; false for any that is malformed. */
export async function mlDsaVerify(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const spki = Buffer.from(concat(SPKI_PREFIX, publicKey));
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  return new Promise((resolve, reject) =>
    verify(null, message, key, signature, (error, valid) =>
      error === null ? resolve(valid) : reject(error),
    ),
  );
}

function signApart(message: Uint8Array, key: KeyObject): Promise<Uint8Array> {
  return new Promise((resolve, reject) =>
    sign(null, message, key, (error, signature) =>
      error === null ? resolve(new Uint8Array(signature)) : reject(error),
    ),
  );
}
