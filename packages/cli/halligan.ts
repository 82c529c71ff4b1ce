#!/usr/bin/env node
import { keepCompiled } from './compile-cache.ts';
import { takeDebugSignal } from './debug-signal.ts';
import { becomeLean } from './lean-server.ts';
import { becomeAgentAtOnce } from './offline-sign-in/become-agent.ts';

takeDebugSignal();
becomeAgentAtOnce(process.argv.slice(2));
becomeLean(process.argv.slice(2), process.env);
keepCompiled(process.env);
await import('./main.ts');
