import { pbkdf2Sync } from 'node:crypto';

/** PBKDF2 with HMAC-SHA256 (RFC 8018) by the platform. @param size bytes that come out */
export function pbkdf2(
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  size: number,
): Uint8Array {
  return pbkdf2Sync(password, salt, iterations, size, 'sha256');
}
