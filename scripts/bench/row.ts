/** What the benchmarks print: one row for each figure. */

/** What a figure is in. Of rates more is better, of everything else less. */
export type Unit = 'per second' | 'MB/s' | 'ms' | 's' | 'MB' | 'µs an event' | 'calls';

/** One figure. */
export interface Row {
  readonly name: string;
  /** The median of the runs. */
  readonly value: number;
  readonly unit: Unit;
  /** The best of the runs: what the machine can do when nothing disturbs it. */
  readonly best: number;
  readonly runs: number;
  /** What is wanted: of `ratio` where `targetOf` says so, else of `value`. */
  readonly target?: number;
  readonly targetOf?: 'ratio';
  /** `value` divided by that of the row named `ratioTo`, measured in the same run. */
  readonly ratio?: number;
  readonly ratioTo?: string;
  /** Whether the target is met. */
  readonly holds?: boolean;
}

/** What makes a row besides its runs. */
export interface About {
  readonly name: string;
  readonly unit: Unit;
  readonly target?: number;
  readonly targetOf?: 'ratio';
  /** The row to compare with, of the same unit. */
  readonly to?: Row;
}

/** Makes a row of what was measured, in the row's unit, at least once. */
export function row({ name, unit, target, targetOf, to }: About, measured: readonly number[]): Row {
  const sorted = measured.toSorted((a, b) => a - b);
  const value = median(sorted);
  const ratio = to === undefined ? undefined : value / to.value;
  const judged = targetOf === 'ratio' ? ratio : value;
  const more = isRate(unit);
  return {
    name,
    value,
    unit,
    best: (more ? sorted.at(-1) : sorted[0]) ?? Number.NaN,
    runs: sorted.length,
    ...(target === undefined ? {} : { target }),
    ...(targetOf === undefined ? {} : { targetOf }),
    ...(ratio === undefined || to === undefined ? {} : { ratio, ratioTo: to.name }),
    ...(target === undefined || judged === undefined
      ? {}
      : { holds: more ? judged >= target : judged <= target }),
  };
}

/** Whether more of it is better. */
export function isRate(unit: Unit): boolean {
  return unit === 'per second' || unit === 'MB/s';
}

/** Of numbers in ascending order: a fraction of them is not above the answer. Not a number where there is none. */
export function quantile(sorted: readonly number[], fraction: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN;
}

function median(sorted: readonly number[]): number {
  return quantile(sorted, 0.5);
}
