import { concat, HalliganError, sameBytes } from '@halligan/format';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { inverse, multiply } from './gf256.ts';

/** One point of the polynomials, one polynomial a byte: `x` is public (0 to 15 in a share), `y` is secret. */
export interface Point {
  readonly x: number;
  readonly y: Uint8Array;
}

/** Gives `size` bytes that nobody can predict. */
export type Random = (size: number) => Uint8Array;

/** The most shares of one secret: an index has four bits. */
export const MAX_SHARES = 16;

const SECRET_AT = 255;
const DIGEST_AT = 254;
const DIGEST_BYTES = 4;

/**
 * SplitSecret of SLIP-0039: `count` points, any `threshold` of which give the secret back and fewer of which say
 * nothing about it. With a threshold of 1 every point is the secret itself. The caller has checked
 * 1 ≤ threshold ≤ count ≤ 16 and that the secret has at least 16 bytes.
 */
export function splitSecret(
  threshold: number,
  count: number,
  secret: Uint8Array,
  random: Random,
): readonly Point[] {
  if (threshold === 1) return indices(count).map((x) => ({ x, y: secret.slice() }));
  const chosen = indices(threshold - 2).map((x) => ({ x, y: random(secret.length) }));
  const noise = random(secret.length - DIGEST_BYTES);
  const digestPoint = { x: DIGEST_AT, y: concat(digestOf(secret, noise), noise) };
  const base = [...chosen, digestPoint, { x: SECRET_AT, y: secret }];
  const computed = indices(count)
    .slice(chosen.length)
    .map((x) => ({ x, y: interpolate(base, x) }));
  noise.fill(0);
  digestPoint.y.fill(0);
  return [...chosen, ...computed];
}

/**
 * RecoverSecret of SLIP-0039, over exactly `threshold` points with distinct `x` and equally long `y`.
 * The digest is four bytes: it finds a wrong share, but does not stop a forger who tries 2³² times. A threshold
 * of 1 has no digest at all.
 * @throws `slip39.digest` where the points do not belong to one secret.
 */
export function recoverSecret(threshold: number, points: readonly Point[]): Uint8Array {
  const [first] = points;
  if (first !== undefined && threshold === 1) return first.y.slice();
  const secret = interpolate(points, SECRET_AT);
  const digestPoint = interpolate(points, DIGEST_AT);
  const intact = sameBytes(
    digestPoint.subarray(0, DIGEST_BYTES),
    digestOf(secret, digestPoint.subarray(DIGEST_BYTES)),
  );
  digestPoint.fill(0);
  if (intact) return secret;
  secret.fill(0);
  throw new HalliganError(
    'slip39.digest',
    'These shares look alike but do not belong to one secret.',
    'One of them was forged, or was made in another split. Try with a share of another person.',
  );
}

/** The value at `x` of the polynomials through the points (Lagrange). Only `x`, which is public, steers the work. */
function interpolate(points: readonly Point[], x: number): Uint8Array {
  const sum = new Uint8Array(points[0]?.y.length ?? 0);
  for (const point of points) {
    let weight = 1;
    for (const other of points) {
      if (other.x === point.x) continue;
      weight = multiply(weight, multiply(x ^ other.x, inverse(point.x ^ other.x)));
    }
    for (const [at, byte] of point.y.entries()) sum[at] = (sum[at] ?? 0) ^ multiply(byte, weight);
  }
  return sum;
}

function digestOf(secret: Uint8Array, noise: Uint8Array): Uint8Array {
  return hmac(sha256, noise, secret).slice(0, DIGEST_BYTES);
}

function indices(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
