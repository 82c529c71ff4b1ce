import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hex } from '@halligan/format';

/** The rooms whose code makes a state of entries. */
const ROOMS = [
  '@halligan/procedure',
  '@halligan/evidence',
  '@halligan/statement',
  '@halligan/format',
];

/**
 * A digest of the code that folds. A snapshot that other code folded is not believed: no one has to remember to raise a
 * number when a rule, an event or a member of the state changes.
 */
export function foldingCode(): string {
  const hash = createHash('sha256');
  for (const room of ROOMS) {
    const folder = dirname(fileURLToPath(import.meta.resolve(room)));
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.[jt]s$/.test(name) && !/\.(test|fixture|interop)\.[jt]s$/.test(name))
      .filter((name) => !name.startsWith('node_modules'));
    for (const name of files.toSorted())
      hash
        .update(`${room} ${name}\0`)
        .update(readFileSync(join(folder, name)))
        .update('\0');
  }
  return hex(hash.digest());
}
