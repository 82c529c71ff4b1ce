import { fromHex } from '@halligan/format';

/** What comes before the 32-byte seed in an Ed25519 PKCS#8 key (RFC 8410 section 7): the only form of a seed that WebCrypto takes besides JWK. */
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420');

/** Signs messages with one key. */
export type Sign = (message: Uint8Array) => Promise<Uint8Array>;

/** The public key (32 bytes) of a 32-byte seed, and a way to sign with it (RFC 8032, PureEdDSA): 64-byte signatures. */
export async function ed25519Signer(
  seed: Uint8Array,
): Promise<{ readonly publicKey: Uint8Array; readonly sign: Sign }> {
  const pkcs8 = new Uint8Array(PKCS8_PREFIX.length + seed.length);
  pkcs8.set(PKCS8_PREFIX);
  pkcs8.set(seed, PKCS8_PREFIX.length);
  // The public key can only be had by exporting, so that key is dropped again and a closed one does the signing.
  const open = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
  const { x = '' } = await crypto.subtle.exportKey('jwk', open);
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
  pkcs8.fill(0);
  return {
    publicKey: Uint8Array.fromBase64(x, { alphabet: 'base64url' }),
    sign: async (message) =>
      new Uint8Array(await crypto.subtle.sign('Ed25519', key, new Uint8Array(message))),
  };
}

/** Whether a signature over a message is by this 32-byte public key; false for any that is malformed. */
export async function ed25519Verify(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const [signed, bytes] = [new Uint8Array(message), new Uint8Array(signature)];
  const key = await crypto.subtle.importKey('raw', new Uint8Array(publicKey), 'Ed25519', false, [
    'verify',
  ]);
  return crypto.subtle.verify('Ed25519', key, bytes, signed);
}
