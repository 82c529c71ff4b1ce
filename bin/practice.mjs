import { run } from './current.mjs';

await run('packages/cli/practice.ts');
