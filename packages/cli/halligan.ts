#!/usr/bin/env node
import { keepCompiled } from './compile-cache.ts';
import { takeDebugSignal } from './debug-signal.ts';
import { becomeLean } from './lean-server.ts';

takeDebugSignal();
becomeLean(process.argv.slice(2), process.env);
keepCompiled(process.env);
await import('./main.ts');
