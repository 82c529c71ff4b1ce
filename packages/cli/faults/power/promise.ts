import { readFileSync, statSync, writeSync } from 'node:fs';
import { z } from 'zod';

/**
 * What a victim was told is durable, and how long the log of its disk was then. Written outside the disk, at once, so
 * that nothing of it is still in the victim's memory when its disk loses power.
 */
const promiseSchema = z.strictObject({
  /** Length of the log when this was acknowledged. */
  at: z.int().min(0),
  what: z.union([
    z.strictObject({ entry: z.int().min(0), leaf: z.string() }),
    z.strictObject({ blob: z.string() }),
    z.strictObject({ folder: z.string(), digest: z.string() }),
    /** A file that is replaced again and again holds this number, or a later one. */
    z.strictObject({ file: z.string(), number: z.int() }),
    z.strictObject({ event: z.string() }),
    /** A backup, whole, by the name of its folder. */
    z.strictObject({ backup: z.string() }),
  ]),
});

export type DiskPromise = z.infer<typeof promiseSchema>;

/** Writes down what is acknowledged, on standard output. @param log of the disk */
export function witness(log: string): (...what: readonly DiskPromise['what'][]) => void {
  return (...all) => {
    const at = statSync(log).size;
    const lines = all.map((what) => `${JSON.stringify({ at, what } satisfies DiskPromise)}\n`);
    writeSync(1, lines.join(''));
  };
}

/** Reads what a witness wrote down, in order. */
export function promisesIn(path: string): readonly DiskPromise[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => promiseSchema.parse(JSON.parse(line)));
}
