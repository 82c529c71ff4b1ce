import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';

/** SHA-256 (FIPS 180-4), 32 bytes, where the platform offers no synchronous one. */
export function sha256(data: Uint8Array): Uint8Array {
  return nobleSha256(data);
}
