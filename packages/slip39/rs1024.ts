import { utf8 } from '@halligan/format';

/**
 * The checksum of SLIP-0039: a Reed-Solomon code over GF(1024) whose three words find any three wrong words of a
 * share. It finds slips of the pen, not forgeries: everybody can compute it. A share is given as its word indices,
 * 0 to 1023 each, of which the second holds the extendable flag that chooses the customization string. Where a slip
 * flips that flag, two wrong words are still always found (checked for every length), three but for one in 2³⁰.
 */

/** The number of checksum words. */
export const CHECKSUM_WORDS = 3;

const GENERATOR: readonly number[] = [
  0xe0e040, 0x1c1c080, 0x3838100, 0x7070200, 0xe0e0009, 0x1c0c2412, 0x38086c24, 0x3090fc48,
  0x21b1f890, 0x3f3f120,
];
const EXTENDABLE_FLAG = 0b10000;

/** The register after the customization string, by which old and extendable shares cannot pass for each other. */
const ORIGINAL = advance(1, utf8('shamir'));
const EXTENDABLE = advance(1, utf8('shamir_extendable'));

/** The three word indices that complete a share. */
export function checksumOf(indices: readonly number[]): readonly number[] {
  const rest = advance(startOf(indices[1]), [...indices, 0, 0, 0]) ^ 1;
  return [rest >>> 20, (rest >>> 10) & 1023, rest & 1023];
}

/** Whether a share, checksum included, is intact. */
export function isIntact(indices: readonly number[]): boolean {
  return advance(startOf(indices[1]), indices) === 1;
}

/**
 * The places (from 0) at which changing one word, and no other, makes the checksum right. Two intact shares of one
 * length differ in at least four words, or three if their flags differ: so one wrong word is always found, alone.
 * Two wrong ones accuse no third, save the second word once in two million times and, where one of them flips the
 * flag, another once in thirty thousand: a suspect is where to look first, not a finding.
 * The word that would fit is not returned: a checksum bent to fit is not what was written down.
 */
export function suspects(indices: readonly number[]): readonly number[] {
  // The register is linear: what is left of it after an error depends on the error and its place only.
  const leftOver = {
    original: advance(ORIGINAL, indices) ^ 1,
    extendable: advance(EXTENDABLE, indices) ^ 1,
  };
  const places = [...indices.keys()];
  const found = new Set<number>();
  for (let change = 1; change < 1024; change += 1) {
    let trace = change;
    for (const place of places.toReversed()) {
      const flagWord = (indices[1] ?? 0) ^ (place === 1 ? change : 0);
      if (trace === (flagWord & EXTENDABLE_FLAG ? leftOver.extendable : leftOver.original)) {
        found.add(place);
      }
      trace = step(trace, 0);
    }
  }
  return places.filter((place) => found.has(place));
}

function startOf(flagWord = 0): number {
  return flagWord & EXTENDABLE_FLAG ? EXTENDABLE : ORIGINAL;
}

function advance(start: number, values: Iterable<number>): number {
  let state = start;
  for (const value of values) state = step(state, value);
  return state;
}

/** Moves the code's register on by one value; no branch and no address depends on either. */
function step(state: number, value: number): number {
  const top = state >>> 20;
  let next = ((state & 0xfffff) << 10) ^ value;
  for (let bit = 0; bit < GENERATOR.length; bit += 1) {
    next ^= (GENERATOR[bit] ?? 0) & -((top >>> bit) & 1);
  }
  return next;
}
