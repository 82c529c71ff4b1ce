import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import type { Sign } from './ed25519.ts';

/** The public key (1312 bytes) of a 32-byte seed, and a way to sign with it (FIPS 204, pure, empty context): 2420-byte signatures. */
export async function mlDsaSigner(
  seed: Uint8Array,
): Promise<{ readonly publicKey: Uint8Array; readonly sign: Sign }> {
  const { publicKey, secretKey } = ml_dsa44.keygen(new Uint8Array(seed));
  return { publicKey, sign: async (message) => ml_dsa44.sign(message, secretKey) };
}

/** Whether a signature over a message is by this 1312-byte public key; false for any that is malformed. */
export async function mlDsaVerify(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  try {
    return ml_dsa44.verify(signature, message, publicKey);
  } catch {
    return false;
  }
}
