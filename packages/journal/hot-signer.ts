import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { concat, fromBase64, fromHex, utf8 } from '@halligan/format';
import { formatCheckpoint, formatNote, noteSigner } from '@halligan/tlog';
import type { Checkpoint, Size } from './journal.ts';

/** What comes before the 32-byte seed in an Ed25519 PKCS#8 key (RFC 8410 section 7). */
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420');

/**
 * Signs the checkpoints of a log at once, in this thread: every commit waits for its signature, and the way to
 * WebCrypto's threads and back takes longer than signing.
 */
export class HotSigner {
  /** The log's name. */
  readonly origin: string;
  /** Its verifier key, `<name>+<id>+<base64>`. */
  readonly verifier: string;
  readonly #keyId: string;
  readonly #key: KeyObject;

  private constructor(origin: string, verifier: string, keyId: string, key: KeyObject) {
    this.origin = origin;
    this.verifier = verifier;
    this.#keyId = keyId;
    this.#key = key;
  }

  /** @param signerKey `PRIVATE+KEY+<name>+<id>+<base64>` @throws `tlog.key-syntax` */
  static async open(signerKey: string): Promise<HotSigner> {
    const { name, keyId, verifier } = await noteSigner(signerKey);
    const frame = `PRIVATE+KEY+${name}+${keyId}+`;
    const seed = fromBase64(signerKey.slice(frame.length)).subarray(1);
    const pkcs8 = concat(PKCS8_PREFIX, seed);
    const key = createPrivateKey({ key: Buffer.from(pkcs8.buffer), format: 'der', type: 'pkcs8' });
    for (const secret of [seed, pkcs8]) secret.fill(0);
    return new HotSigner(name, verifier, keyId, key);
  }

  /** The signed checkpoint over a tree. */
  sign(size: Size, root: Uint8Array): Checkpoint {
    const text = formatCheckpoint({ origin: this.origin, size, root });
    const signature = sign(null, utf8(text), this.#key);
    const signatures = [{ name: this.origin, keyId: this.#keyId, signature }];
    return { size, root, note: formatNote({ text, signatures }) };
  }
}
