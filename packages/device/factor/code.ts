import { createHmac, timingSafeEqual } from 'node:crypto';
import { keyFor } from '../key/purpose.ts';

/** Crockford's letters and digits: none is taken for another. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 12;
/** How many are printed at once. */
export const CODES = 10;

/** Codes to print, `XXXX-XXXX-XXXX`: 60 bits each, shown once. @param random fresh bytes */
export function freshCodes(random: (size: number) => Uint8Array): readonly string[] {
  return Array.from({ length: CODES }, () =>
    [...random(LENGTH)]
      .map((byte, at) => `${at > 0 && at % 4 === 0 ? '-' : ''}${ALPHABET[byte % 32]}`)
      .join(''),
  );
}

/** A code without what people do to it: case, white space, hyphens, letters taken for digits; undefined where it is none. */
export function readCode(typed: string): string | undefined {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return code.length === LENGTH && [...code].every((one) => ALPHABET.includes(one))
    ? code
    : undefined;
}

/**
 * What is kept of a code: nothing that can be guessed against without the machine's key, and nobody else's code.
 * @param code as `readCode` gives it
 */
export function codeMac(key: Uint8Array, subject: string, code: string): Uint8Array {
  const text = JSON.stringify([subject, code]);
  return new Uint8Array(createHmac('sha256', keyFor(key, 'code')).update(text).digest());
}

/** The codes that are left once this one is taken; undefined where it is none of them. */
export function claimCode(
  codes: readonly Uint8Array[],
  mac: Uint8Array,
): readonly Uint8Array[] | undefined {
  const left = codes.filter((one) => one.length !== mac.length || !timingSafeEqual(one, mac));
  return left.length === codes.length ? undefined : left;
}
