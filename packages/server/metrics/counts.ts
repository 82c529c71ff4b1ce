/** What happened since this process started, counted by its labels; Prometheus’ counters are read from it. */
export class Counts {
  readonly #counts = new Map<string, { readonly labels: Labels; count: number }>();
  readonly #names: readonly string[];

  /** @param names of the labels, in order. Their values must be few: routes, statuses, sinks; never what callers write. */
  constructor(...names: readonly string[]) {
    this.#names = names;
  }

  add(...values: readonly string[]): void {
    const key = JSON.stringify(values);
    const found = this.#counts.get(key);
    if (found !== undefined) found.count += 1;
    else {
      const labels = Object.fromEntries(this.#names.map((name, at) => [name, values[at] ?? '']));
      this.#counts.set(key, { labels, count: 1 });
    }
  }

  samples(): readonly (readonly [Labels, number])[] {
    return [...this.#counts.values()].map(({ labels, count }) => [labels, count]);
  }
}

export type Labels = Readonly<Record<string, string>>;
