#!/usr/bin/env node
import { keepCompiled } from './compile-cache.ts';
import { takeDebugSignal } from './debug-signal.ts';

takeDebugSignal();
keepCompiled(process.env);
await import('./main.ts');
