/**
 * Imported first by a program that lives for one conversation. For each schema that zod meets it writes a function and
 * has it compiled, which takes longer than reading a record without it does.
 */
import { z } from 'zod';

z.config({ jitless: true });
