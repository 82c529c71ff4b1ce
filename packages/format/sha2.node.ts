import { hash } from 'node:crypto';

declare global {
  interface Buffer<TArrayBuffer extends ArrayBufferLike = ArrayBufferLike> {
    /** As `write(text, at, 'latin1')`, without asking what the encoding is; of whatever array of bytes it is called on. */
    latin1Write(this: Uint8Array, text: string, at: number): number;
  }
}

/**
 * As a string of bytes: a Buffer for every hash costs more than the hashing of a tree's node does. With its length said,
 * the platform does not ask at each call whether the algorithm has one.
 */
const OUTPUT = { outputEncoding: 'latin1', outputLength: 32 } as const;

const { latin1Write } = Buffer.prototype;

/** SHA-256 (FIPS 180-4), 32 bytes, by the platform's own implementation. */
export function sha256(data: Uint8Array): Uint8Array {
  const digest = new Uint8Array(32);
  putSha256(digest, 0, data);
  return digest;
}

/** SHA-512 (FIPS 180-4), 64 bytes, by the platform's own implementation. */
export function sha512(data: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha512', data, 'buffer'));
}

/**
 * Puts the SHA-256 of `data` into `bytes`, 32 of them from `at` on: very many are taken without an object for each.
 * `bytes` must have room for it.
 */
export function putSha256(bytes: Uint8Array, at: number, data: Uint8Array): void {
  latin1Write.call(bytes, hash('sha256', data, OUTPUT), at);
}
