#!/usr/bin/env node
import { keepCompiled } from './compile-cache.ts';

keepCompiled(process.env);
await import('./main.ts');
