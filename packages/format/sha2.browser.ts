import { sha256 as nobleSha256, sha512 as nobleSha512 } from '@noble/hashes/sha2.js';

/** SHA-256 (FIPS 180-4), 32 bytes, where the platform offers no synchronous one. */
export function sha256(data: Uint8Array): Uint8Array {
  return nobleSha256(data);
}

/** SHA-512 (FIPS 180-4), 64 bytes, where the platform offers no synchronous one. */
export function sha512(data: Uint8Array): Uint8Array {
  return nobleSha512(data);
}

/** Puts the SHA-256 of `data` into `bytes`, 32 of them from `at` on. `bytes` must have room for it. */
export function putSha256(bytes: Uint8Array, at: number, data: Uint8Array): void {
  bytes.set(nobleSha256(data), at);
}
