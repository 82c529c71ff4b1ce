import assert from 'node:assert/strict';
import fc from 'fast-check';
import { HalliganError } from '../../packages/format/index.ts';

export type Reader<From> = (from: From) => unknown;

/** Something that reads what comes from elsewhere, and what an adversary may give it to read. */
export interface Reading {
  readonly name: string;
  /** Whether one reading takes a millisecond or more: it derives keys, decrypts, or unpacks. */
  readonly isSlow: boolean;
  /** @throws where anything but a refusal with code and hint came of one: the input, made small, and the seed */
  readonly tries: (runs: number, seed?: number) => Promise<void>;
}

export function reading<From>(
  name: string,
  read: Reader<From>,
  hostile: fc.Arbitrary<From>,
  isSlow = false,
): Reading {
  return {
    name,
    isSlow,
    tries: (runs, seed) =>
      fc.assert(
        fc.asyncProperty(hostile, (from) => holds(read, from)),
        { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
      ),
  };
}

/** Reads it, or refuses it as this program refuses. */
export async function holds<From>(read: Reader<From>, from: From): Promise<void> {
  try {
    await read(from);
  } catch (error) {
    assert.ok(error instanceof HalliganError, String(error instanceof Error ? error.stack : error));
    assert.ok(error.code !== '' && error.message !== '' && error.hint !== '');
  }
}
