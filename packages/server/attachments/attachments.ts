import { existsSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalBytes, HalliganError, parseCanonical, utf8, utf8Text } from '@halligan/format';
import { type BlobStore, writeFileDurably } from '@halligan/journal';
import {
  decryptStreamWith,
  decryptWith,
  encryptTo,
  generateIdentity,
  recipientOf,
} from '@halligan/seal';
import { type Attachment, checkAttachment, plainFormOf } from '@halligan/statement';
import type { Attached } from './attached.ts';

/** Most bytes of an attachment's ciphertext: 8 MiB as base64 inside JSON, and age's overhead. */
const LIMIT = 13 << 20;

/**
 * Free text and files, encrypted to a key of their own for each emergency: deleting that key erases them, and the
 * log still verifies. The server holds the keys and can read them; SECURITY.md says so.
 */
export class Attachments {
  readonly #subjects: string;
  readonly #blobs: BlobStore;
  /** Keys that are being made: of two made at once for one subject, the first would be overwritten. */
  readonly #making = new Map<string, Promise<string>>();

  constructor(subjects: string, blobs: BlobStore) {
    this.#subjects = subjects;
    this.#blobs = blobs;
  }

  /** Stores an attachment durably, before the event that names it. @returns the blob's name */
  async put(subject: string, attachment: Attachment): Promise<string> {
    const recipient = await this.recipient(subject);
    return this.#blobs.put(await encryptTo([recipient], canonicalBytes({ ...attachment })));
  }

  /** Whom a subject's texts and files are encrypted to. @throws `server.erased` where its key is gone */
  async recipient(subject: string): Promise<string> {
    return recipientOf(await this.#key(subject));
  }

  /**
   * A large file in its plain form, as a stream; whoever reads it holds it to its digest.
   * @throws `server.erased`, `journal.blob-missing`, `seal.damaged`
   */
  async stream(subject: string, blob: string): Promise<ReadableStream<Uint8Array>> {
    const identity = await this.#identity(subject);
    return decryptStreamWith(identity, await this.#blobs.stream(blob), 'This attachment');
  }

  /** What is named, in its plain form, however it lies. @throws what {@link stream} and {@link get} throw */
  async plain(
    subject: string,
    { blob, bytes }: Attached,
  ): Promise<ReadableStream<Uint8Array> | Uint8Array> {
    if (bytes !== undefined) return this.stream(subject, blob);
    const attachment = await this.get(subject, blob);
    return plainFormOf(attachment, checkAttachment(attachment).bytes);
  }

  /** @throws `server.erased` where the subject's key is gone, `statement.attachment`, `journal.blob-missing` */
  async get(subject: string, blob: string): Promise<Attachment> {
    const identity = await this.#identity(subject);
    const json = parseCanonical(
      await decryptWith(identity, await this.#blobs.get(blob), 'This attachment', LIMIT),
      LIMIT,
    );
    checkAttachment(json);
    return json as unknown as Attachment;
  }

  /**
   * Erases whatever was encrypted to a subject's key. A mark that outlives the key comes first: a server that is killed
   * in between makes no new key for this subject, and goes on where it stopped.
   */
  async erase(subject: string, blobs: readonly string[]): Promise<void> {
    const path = this.#path(subject);
    await writeFileDurably(markOf(path), utf8('erased\n'));
    await this.#making.get(path);
    if (existsSync(path)) await overwrite(path);
    await rm(path, { force: true });
    for (const blob of blobs) await this.#blobs.remove(blob);
  }

  /** @throws `server.erased` where it is gone */
  async #identity(subject: string): Promise<string> {
    const path = this.#path(subject);
    if (!existsSync(path)) throw erased();
    return utf8Text(await readFile(path)).trim();
  }

  async #key(subject: string): Promise<string> {
    const path = this.#path(subject);
    if (existsSync(markOf(path))) throw erased();
    if (existsSync(path)) return utf8Text(await readFile(path)).trim();
    const making = this.#making.get(path) ?? this.#make(path);
    this.#making.set(path, making);
    return making;
  }

  async #make(path: string): Promise<string> {
    try {
      const identity = generateIdentity('x25519');
      await writeFileDurably(path, utf8(`${identity}\n`));
      return identity;
    } finally {
      this.#making.delete(path);
    }
  }

  #path(subject: string): string {
    if (!/^[0-9a-f]{64}$/.test(subject))
      throw new HalliganError(
        'server.subject',
        'This is no emergency.',
        'See halligan emergency list.',
      );
    return join(this.#subjects, `${subject}.key`);
  }
}

function markOf(keyPath: string): string {
  return keyPath.replace(/\.key$/, '.erased');
}

/** On a disk that writes elsewhere what is written anew, this is no more than a try: SECURITY.md says so. */
async function overwrite(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    await file.write(new Uint8Array(size), 0, size, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

function erased(): HalliganError {
  return new HalliganError(
    'server.erased',
    'This text was erased.',
    'The log still proves that it existed.',
  );
}
