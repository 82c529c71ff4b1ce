import { HalliganError } from '@halligan/format';

/**
 * A count of leaves, or the index of one: a whole number from 0 to 2^53 − 1, so that the arithmetic on it is exact.
 * @param what how to name the value to a person
 * @throws `tlog.range`
 */
export function requireSize(value: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new HalliganError(
      'tlog.range',
      `The ${what} is not a whole number between 0 and 2^53 − 1.`,
      'Take sizes and indices from a verified checkpoint or a checked proof.',
    );
  }
}

/** As {@link requireSize}, and at most `limit`. @throws `tlog.range` */
export function requireWithin(value: number, limit: number, what: string): void {
  requireSize(value, what);
  if (value > limit) {
    throw new HalliganError(
      'tlog.range',
      `The ${what} is ${value}; here it can be ${limit} at most.`,
      'Ask about a size that this tree already has.',
    );
  }
}
