import { createHash } from 'node:crypto';
import { concat } from '@halligan/format';

/**
 * SHA-256 crypt as Ulrich Drepper specified it (`$5$`), with the salt as it is: crypt(3) cuts it at 16 bytes, MySQL's
 * caching_sha2_password takes 20.
 * @param rounds 1000 or more
 * @returns 43 characters
 */
export function sha256Crypt(password: Uint8Array, salt: Uint8Array, rounds: number): string {
  const inner = sha256(password, salt, password);
  const bits: Uint8Array[] = [];
  for (let length = password.length; length > 0; length >>>= 1)
    bits.push((length & 1) === 1 ? inner : password);
  let digest = sha256(password, salt, stretched(inner, password.length), ...bits);

  const p = stretched(
    sha256(...Array.from({ length: password.length }, () => password)),
    password.length,
  );
  const s = stretched(
    sha256(...Array.from({ length: 16 + (digest[0] ?? 0) }, () => salt)),
    salt.length,
  );
  for (let round = 0; round < rounds; round += 1) {
    const odd = round % 2 === 1;
    digest = sha256(
      odd ? p : digest,
      ...(round % 3 === 0 ? [] : [s]),
      ...(round % 7 === 0 ? [] : [p]),
      odd ? digest : p,
    );
  }
  for (const secret of [inner, p]) secret.fill(0);
  return encoded(digest);
}

function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The bytes over and over, up to this length. */
function stretched(bytes: Uint8Array, length: number): Uint8Array {
  return concat(...Array.from({ length: Math.ceil(length / 32) || 1 }, () => bytes)).slice(
    0,
    length,
  );
}

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The specification's step 22: in which order the digest's bytes are written, three at a time. */
const ORDER = [
  ...[0, 10, 20, 21, 1, 11, 12, 22, 2, 3, 13, 23, 24, 4, 14],
  ...[15, 25, 5, 6, 16, 26, 27, 7, 17, 18, 28, 8, 9, 19, 29],
];

function encoded(digest: Uint8Array): string {
  const bytes = ORDER.map((place) => digest[place] ?? 0);
  const groups = Array.from({ length: 10 }, (_, group) => bytes.slice(3 * group, 3 * group + 3));
  const last = [0, digest[31] ?? 0, digest[30] ?? 0];
  return groups.map((group) => characters(group, 4)).join('') + characters(last, 3);
}

function characters([high = 0, middle = 0, low = 0]: readonly number[], count: number): string {
  const value = (high << 16) | (middle << 8) | low;
  return Array.from({ length: count }, (_, at) => ALPHABET[(value >> (6 * at)) & 63]).join('');
}
