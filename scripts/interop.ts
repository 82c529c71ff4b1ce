/**
 * Runs every `*.interop.ts`: our formats against programs that are not ours, which are fetched from their registries.
 * Ends with the line `N passed, N failed, N skipped`. What cannot be fetched here is skipped, and said.
 * Names of files or folders may follow, to run only those.
 */
import { dirname } from 'node:path';
import { closingLine, runTests, testFiles } from './run-tests.ts';

process.chdir(dirname(import.meta.dirname));
const tally = await runTests(testFiles('.interop.ts', process.argv.slice(2)));
console.log(closingLine(tally));
process.exitCode = tally.failed > 0 ? 1 : 0;
