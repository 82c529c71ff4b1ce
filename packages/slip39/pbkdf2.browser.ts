import { pbkdf2 as noblePbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha256 } from '@noble/hashes/sha2.js';

/** PBKDF2 with HMAC-SHA256 (RFC 8018), where the platform offers no synchronous one. @param size bytes that come out */
export function pbkdf2(
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  size: number,
): Uint8Array {
  return noblePbkdf2(sha256, password, salt, { c: iterations, dkLen: size });
}
