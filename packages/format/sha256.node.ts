import { hash } from 'node:crypto';

declare global {
  interface Buffer<TArrayBuffer extends ArrayBufferLike = ArrayBufferLike> {
    /** As `write(text, at, 'latin1')`, without asking what the encoding is. */
    latin1Write(text: string, at: number): number;
  }
}

/**
 * As a string of bytes: a Buffer for every hash costs more than the hashing of a tree's node does. With its length said,
 * the platform does not ask at each call whether the algorithm has one.
 */
const OUTPUT = { outputEncoding: 'latin1', outputLength: 32 } as const;

/** SHA-256 (FIPS 180-4), 32 bytes, by the platform's own implementation. */
export function sha256(data: Uint8Array): Uint8Array {
  one.put(0, data);
  return new Uint8Array(one.bytes);
}

/** SHA-256 hashes side by side, 32 bytes each: very many are taken and dropped without an object for each. */
export class Digests {
  readonly #bytes: Buffer;

  /** @param most how many there is room for */
  constructor(most: number) {
    this.#bytes = Buffer.alloc(32 * most);
  }

  /** All of them; the hash `at` begins at byte 32 × at. What is put changes them. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Puts the hash of bytes at a place. */
  put(at: number, data: Uint8Array): void {
    this.#bytes.latin1Write(hash('sha256', data, OUTPUT), 32 * at);
  }
}

const one = new Digests(1);
