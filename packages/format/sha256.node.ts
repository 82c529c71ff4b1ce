import { hash } from 'node:crypto';

/**
 * SHA-256 (FIPS 180-4), 32 bytes, by the platform's own implementation. Taken as a string of bytes: a Buffer of its own
 * for every hash costs more than the hashing of a tree's node does.
 */
export function sha256(data: Uint8Array): Uint8Array {
  const text = hash('sha256', data, 'latin1');
  const digest = new Uint8Array(32);
  for (let at = 0; at < digest.length; at += 1) digest[at] = text.charCodeAt(at);
  return digest;
}
