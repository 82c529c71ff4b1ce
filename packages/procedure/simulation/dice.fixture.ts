/** Chance that comes again: the same seed, the same throws (mulberry32). For practice only. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  /** @param share of 0 to 1 */
  chance(share: number): boolean {
    return this.below(1000) < share * 1000;
  }

  pick<Value>(list: readonly [Value, ...Value[]]): Value {
    return list[this.below(list.length)] ?? list[0];
  }

  /** Distinct members of a list, in the list's order: at least `least` where there are so many, at most `most`. */
  some<Value>(list: readonly Value[], least: number, most: number): readonly Value[] {
    const count = Math.min(list.length, least + this.below(most - least + 1));
    const left = [...list];
    while (left.length > count) left.splice(this.below(left.length), 1);
    return left;
  }
}
