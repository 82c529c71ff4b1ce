import { DOCUMENTS } from './documents.ts';
import { CHANGED_FILES } from './files.ts';
import { MACHINES } from './machines.ts';
import { PROTOCOLS } from './protocols.ts';
import type { Reading } from './reading.ts';

/** Everything that reads what comes from elsewhere. */
export const READINGS: readonly Reading[] = [
  ...DOCUMENTS,
  ...CHANGED_FILES,
  ...PROTOCOLS,
  ...MACHINES,
];
