/** Runs test files with `node:test` and counts what came of them: shared by `npm test` and `npm run test:interop`. */
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** What came of some tests. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Longest that one file may take, milliseconds. */
const PATIENCE = 600_000;

/**
 * The files that end so, everywhere or in the places that are named.
 * @param ending such as `.test.ts`
 * @param places files, or folders to search; all of the repository's where there is none
 */
export function testFiles(ending: string, places: readonly string[]): readonly string[] {
  const patterns =
    places.length === 0
      ? [`packages/**/*${ending}`, `scripts/**/*${ending}`]
      : places.map((place) => (place.endsWith('.ts') ? place : `${place}/**/*${ending}`));
  return globSync(patterns, { exclude: (name) => name.includes('node_modules') }).sort();
}

/** Runs files, several at a time, and names each test that it had to skip with the reason. No file at all is a failure. */
export async function runTests(files: readonly string[]): Promise<Tally> {
  let passed = 0;
  let failed = files.length === 0 ? 1 : 0;
  const skipped: string[] = [];
  const stream = run({
    files: [...files],
    concurrency: availableParallelism(),
    timeout: PATIENCE,
  });
  stream.on('test:pass', (test) => {
    if (test.skip !== undefined) skipped.push(`${test.name} (${test.skip})`);
    else if (test.details.type !== 'suite') passed += 1;
  });
  stream.on('test:fail', (test) => {
    if (test.details.type !== 'suite') failed += 1;
  });
  stream.compose(spec()).pipe(process.stdout);
  await new Promise((resolve) => stream.once('end', resolve));
  for (const one of skipped) console.error(`skipped: ${one}`);
  return { passed, failed, skipped: skipped.length };
}

/** The last line of every run, which scripts read. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `\n${passed} passed, ${failed} failed, ${skipped} skipped`;
}
