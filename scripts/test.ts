/**
 * Runs the checks and every test, and ends with the line `N passed, N failed, N skipped`.
 * Names of files or folders may follow, to run only those. In CI a skipped test is a failure.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { closingLine, runTests, testFiles } from './run-tests.ts';

const root = dirname(import.meta.dirname);
process.chdir(root);
const only = process.argv.slice(2);

const checks: readonly [string, string, ...string[]][] = [
  ['types', 'tsc', '--noEmit'],
  ['style', 'biome', 'check', '--error-on-warnings', '.'],
];

let checked = 0;
let faulty = 0;
if (only.length === 0) {
  for (const [what, program, ...parameters] of checks) {
    const done = spawnSync(join(root, 'node_modules/.bin', program), parameters, {
      stdio: 'inherit',
    });
    if (done.status === 0) checked += 1;
    else {
      faulty += 1;
      console.error(`check failed: ${what}`);
    }
  }
}

const tests = await runTests(testFiles('.test.ts', only));
const tally = { ...tests, passed: tests.passed + checked, failed: tests.failed + faulty };
console.log(closingLine(tally));
const ci = process.env.CI !== undefined;
process.exitCode = tally.failed > 0 || (ci && tally.skipped > 0) ? 1 : 0;
