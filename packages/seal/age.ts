import { concat, HalliganError } from '@halligan/format';
import { Decrypter, Encrypter } from 'age-encryption';
import { decryptingWith, encryptingTo } from './identity.ts';

/** What typage says where no stanza of the file opens; everything else it says means a damaged file. */
const NO_MATCH = "no identity matched any of the file's recipients";

/**
 * Encrypts to age recipients (the age v1 format, binary).
 * @param recipients checked by `kindOfRecipient` before, one kind only: age's specification asks that hybrid
 *   and classic recipients are not mixed, because the file would be only as strong as its weakest stanza
 */
export async function encryptTo(
  recipients: readonly string[],
  plaintext: Uint8Array,
): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(encryptingTo(recipient));
  return wholeOf(await encrypter.encrypt(oneChunk(plaintext)));
}

/**
 * Decrypts an age file with one identity.
 * @param what the file's name in messages
 * @param limit most bytes of ciphertext: what came over a network or a memory stick is an attacker's
 * @throws `seal.wrong-key` where the file is not for this identity, `seal.damaged`, `seal.too-large`
 */
export async function decryptWith(
  identity: string,
  ciphertext: Uint8Array,
  what: string,
  limit: number,
): Promise<Uint8Array> {
  if (ciphertext.length > limit) {
    throw new HalliganError(
      'seal.too-large',
      `${what} has ${ciphertext.length} bytes; ${limit} is the limit.`,
      'It is damaged or of another kind: fetch another copy.',
    );
  }
  const decrypter = new Decrypter();
  decrypter.addIdentity(decryptingWith(identity));
  try {
    return await wholeOf(await decrypter.decrypt(oneChunk(ciphertext)));
  } catch (cause) {
    throw isNoMatch(cause) ? wrongKey(what) : damaged(what, 'it is not an intact age file', cause);
  }
}

/**
 * Encrypts a stream to age recipients, checked as for {@link encryptTo}. Takes 64 KiB at a time, however long it is.
 */
export async function encryptStreamTo(
  recipients: readonly string[],
  plaintext: AsyncIterable<Uint8Array>,
): Promise<ReadableStream<Uint8Array>> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(encryptingTo(recipient));
  return encrypter.encrypt(streamOf(plaintext));
}

/**
 * Decrypts an age file as a stream. Every 64 KiB are authenticated before they come out, and the end is: a stream that
 * ends without an error is the whole file.
 * @throws `seal.wrong-key`, `seal.damaged`; the stream itself fails with `seal.damaged`
 */
export async function decryptStreamWith(
  identity: string,
  ciphertext: AsyncIterable<Uint8Array>,
  what: string,
): Promise<ReadableStream<Uint8Array>> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(decryptingWith(identity));
  try {
    const plain = (await decrypter.decrypt(streamOf(ciphertext))).getReader();
    return new ReadableStream<Uint8Array>({
      pull: async (out) => {
        const { done, value } = await plain.read().catch((cause: unknown) => {
          throw damaged(what, 'it is not an intact age file', cause);
        });
        if (done) out.close();
        else out.enqueue(value);
      },
      cancel: (why) => plain.cancel(why),
    });
  } catch (cause) {
    throw isNoMatch(cause) ? wrongKey(what) : damaged(what, 'it is not an intact age file', cause);
  }
}

/**
 * Bytes as a stream, and a stream as bytes: given bytes, the library reads them through a `Response`, for which Node loads
 * its whole HTTP client.
 */
function oneChunk(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (out) => {
      out.enqueue(bytes);
      out.close();
    },
  });
}

async function wholeOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concat(...chunks);
    chunks.push(value);
  }
}

/** Takes the next chunk when there is room for it; where the stream is let go, so is the source. */
function streamOf(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  return new ReadableStream({
    pull: async (out) => {
      const { done, value } = await chunks.next();
      if (done === true) out.close();
      else out.enqueue(value);
    },
    cancel: async (why) => {
      await chunks.return?.(why);
    },
  });
}

/** Whether decryption failed because no identity or passphrase fits, rather than because the file is damaged. */
export function isNoMatch(cause: unknown): boolean {
  return cause instanceof Error && cause.message === NO_MATCH;
}

/** `seal.damaged`, naming the file. */
export function damaged(what: string, why: string, cause?: unknown): HalliganError {
  return new HalliganError(
    'seal.damaged',
    `${what} is damaged: ${why}.`,
    'Use another copy: from the server, a kit or an envelope. If all copies are alike, reseal the credential.',
    cause === undefined ? undefined : { cause },
  );
}

function wrongKey(what: string): HalliganError {
  return new HalliganError(
    'seal.wrong-key',
    `${what} does not open with this key.`,
    'Use the key of the person it was sealed to; a key that was replaced opens only what was sealed before.',
  );
}
