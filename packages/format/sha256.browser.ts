import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';

/** SHA-256 (FIPS 180-4), 32 bytes, where the platform offers no synchronous one. */
export function sha256(data: Uint8Array): Uint8Array {
  return nobleSha256(data);
}

/** SHA-256 hashes side by side, 32 bytes each. */
export class Digests {
  /** All of them; the hash `at` begins at byte 32 × at. What is put changes them. */
  readonly bytes: Uint8Array;

  /** @param most how many there is room for */
  constructor(most: number) {
    this.bytes = new Uint8Array(32 * most);
  }

  /** Puts the hash of bytes at a place. */
  put(at: number, data: Uint8Array): void {
    this.bytes.set(nobleSha256(data), 32 * at);
  }
}
