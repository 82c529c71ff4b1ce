import { hash } from 'node:crypto';

/** SHA-256 (FIPS 180-4), 32 bytes, by the platform's own implementation. */
export function sha256(data: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', data, 'buffer'));
}
