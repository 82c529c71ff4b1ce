/** Starts one person of a drill: see `practice/person.ts`. */
import { z } from 'zod';

// An entry is read once here: that zod writes a function for each schema, and has it compiled, takes longer.
z.config({ jitless: true });

// Their schemas are made after that, whichever file of a bundle they are in.
await import('./practice/person.ts');
