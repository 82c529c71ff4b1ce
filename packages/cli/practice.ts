/** `npm start` and `npm run drill`; see `practice/practise.ts`. */
import { keepCompiled } from './compile-cache.ts';

keepCompiled(process.env);
await import('./practice/practise.ts');
