import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseSeal, type Seal } from '@halligan/seal';

/** Every file below a folder, by full path. */
export function filesBelow(folder: string): readonly string[] {
  return globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The seals on a practice server's disk. */
export function sealsOf(home: string): readonly Seal[] {
  return globSync('seals/*/*/seal.json', { cwd: home })
    .sort()
    .map((header) => {
      const folder = join(home, dirname(header));
      const files = filesBelow(folder).map((path): [string, Uint8Array] => [
        relative(folder, path),
        readFileSync(path),
      ]);
      return parseSeal(new Map(files));
    });
}

/** A practice holder's age identity, which lies in the clear on purpose. */
export function identityOf(home: string, person: string): string {
  const text = readFileSync(join(home, 'practice', 'holders', `${person}.key`), 'utf8');
  return text.split('\n').find((line) => line.startsWith('AGE-SECRET-KEY-')) ?? '';
}
