/**
 * Runs the checks and every test, and ends with the line `N passed, N failed, N skipped`.
 * Names of files or folders may follow, to run only those. In CI a skipped test is a failure.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const root = dirname(import.meta.dirname);
process.chdir(root);
const only = process.argv.slice(2);

const checks: readonly [string, string, ...string[]][] = [
  ['types', 'tsc', '--noEmit'],
  ['style', 'biome', 'check', '--error-on-warnings', '.'],
];

let passed = 0;
let failed = 0;
let skipped = 0;

if (only.length === 0) {
  for (const [what, program, ...parameters] of checks) {
    const done = spawnSync(join(root, 'node_modules/.bin', program), parameters, {
      stdio: 'inherit',
    });
    if (done.status === 0) passed += 1;
    else {
      failed += 1;
      console.error(`check failed: ${what}`);
    }
  }
}

const files = globSync(
  only.length === 0
    ? ['packages/**/*.test.ts', 'scripts/**/*.test.ts']
    : only.map((place) => (place.endsWith('.ts') ? place : `${place}/**/*.test.ts`)),
  { exclude: (name) => name.includes('node_modules') },
).sort();

const stream = run({ files, concurrency: availableParallelism(), timeout: 600_000 });
stream.on('test:pass', (test) => {
  if (test.skip !== undefined) {
    skipped += 1;
    console.error(`skipped: ${test.name} (${test.skip})`);
  } else if (test.details.type !== 'suite') passed += 1;
});
stream.on('test:fail', (test) => {
  if (test.details.type !== 'suite') failed += 1;
});
stream.compose(spec()).pipe(process.stdout);
await new Promise((resolve) => stream.once('end', resolve));

if (files.length === 0) failed += 1;
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || (process.env.CI !== undefined && skipped > 0) ? 1 : 0;
