#!/usr/bin/env node
import { run } from './current.mjs';

await run('packages/cli/halligan.ts');
