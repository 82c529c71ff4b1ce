import { run } from './current.mjs';

await run('packages/server/programs/releaser.ts');
