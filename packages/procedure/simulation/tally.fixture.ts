/** Counts by name: what a simulation did, as plain as a message between threads has to be. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string, times = 1): void {
    this.#counts.set(name, this.of(name) + times);
  }

  take(counts: Iterable<readonly [string, number]>): void {
    for (const [name, times] of counts) this.add(name, times);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** All whose names begin so, without that beginning, most first. */
  under(beginning: string): readonly (readonly [string, number])[] {
    return this.entries()
      .filter(([name]) => name.startsWith(beginning))
      .map(([name, times]) => [name.slice(beginning.length), times] as const)
      .sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1));
  }

  entries(): readonly (readonly [string, number])[] {
    return [...this.#counts];
  }
}
