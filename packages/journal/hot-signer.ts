import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { base64, concat, fromBase64, fromHex, utf8 } from '@halligan/format';
import { noteSigner } from '@halligan/tlog';
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
  readonly #key: KeyObject;
  /** The last line of a note, before its base64: the key's id, and room for a signature of 64 bytes. */
  readonly #signed: Uint8Array;

  private constructor(origin: string, verifier: string, keyId: string, key: KeyObject) {
    this.origin = origin;
    this.verifier = verifier;
    this.#key = key;
    this.#signed = concat(fromHex(keyId), new Uint8Array(64));
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

  /**
   * The signed checkpoint over a tree: what formatCheckpoint and formatNote would write, without the checks of theirs that
   * a log's name has passed when its key was read, and a tree's size and root pass by what they are.
   */
  sign(size: Size, root: Uint8Array): Checkpoint {
    const text = `${this.origin}\n${size}\n${base64(root)}\n`;
    this.#signed.set(sign(null, utf8(text), this.#key), 4);
    return { size, root, note: `${text}\n— ${this.origin} ${base64(this.#signed)}\n` };
  }
}
