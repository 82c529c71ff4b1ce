import { createHash } from 'node:crypto';

/** The same chances again: what falls depends on the seed, the number of the rotation and what is asked, and on nothing else. */
export interface Chances {
  /** From 0 on, below 1. */
  readonly part: (what: string) => number;
  readonly below: (bound: number, what: string) => number;
  readonly one: <T>(of: readonly [T, ...T[]], what: string) => T;
}

export function chances(seed: string, number: number): Chances {
  const part = (what: string) => {
    const digest = createHash('sha256').update(`${seed}/${number}/${what}`).digest();
    return digest.readUIntBE(0, 6) / 2 ** 48;
  };
  const below = (bound: number, what: string) => Math.floor(part(what) * bound);
  return {
    part,
    below,
    one: (of, what) => of[below(of.length, what)] ?? of[0],
  };
}
