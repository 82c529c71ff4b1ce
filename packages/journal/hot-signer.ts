import { createPrivateKey, sign } from 'node:crypto';
import { concat, fromBase64, fromHex } from '@halligan/format';
import { type NoteSigner, noteSigner } from '@halligan/tlog';

/** What comes before the 32-byte seed in an Ed25519 PKCS#8 key (RFC 8410 section 7). */
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420');

/**
 * As `noteSigner` of `@halligan/tlog`, but signs at once, in this thread: every commit waits for its signature, and
 * the way to WebCrypto's threads and back takes longer than signing.
 * @throws `tlog.key-syntax`
 */
export async function hotSigner(signerKey: string): Promise<NoteSigner> {
  const signer = await noteSigner(signerKey);
  const frame = `PRIVATE+KEY+${signer.name}+${signer.keyId}+`;
  const seed = fromBase64(signerKey.slice(frame.length)).subarray(1);
  const pkcs8 = concat(PKCS8_PREFIX, seed);
  const key = createPrivateKey({ key: Buffer.from(pkcs8.buffer), format: 'der', type: 'pkcs8' });
  for (const secret of [seed, pkcs8]) secret.fill(0);
  return { ...signer, sign: async (message) => new Uint8Array(sign(null, message, key)) };
}
