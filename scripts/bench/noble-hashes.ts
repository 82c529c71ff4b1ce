/** Loaded before a program (`--import`): hashing is done as in browsers, by noble. Node's own condition cannot be left out. */
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === '#sha2' ? './sha2.browser.ts' : specifier, context),
});
