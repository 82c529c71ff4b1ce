import { globSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readJournal } from '@halligan/journal';
import { decryptWith } from '@halligan/seal';
import { logKeysOf } from '@halligan/tlog';
import { filesBelow, identityOf } from '../practice-home.fixture.ts';
import type { Kind } from './canaries.fixture.ts';
import type { Leak, Search } from './leaks.fixture.ts';

/** Something that is searched. */
export interface Haystack {
  readonly kind: Kind;
  readonly bytes: number;
  readonly search: (search: Search) => readonly Leak[];
}

export function bytesHaystack(kind: Kind, place: string, bytes: Uint8Array): Haystack {
  return { kind, bytes: bytes.length, search: (search) => search.in(place, bytes) };
}

export function fileHaystack(kind: Kind, path: string): Haystack {
  return { kind, bytes: statSync(path).size, search: (search) => search.inFile(path) };
}

/** Where secrets lie on purpose: the keys, people's own keys, an admin's file of the driver's credential; and code. */
const ON_PURPOSE = /^(keys|practice\/(holders|targets|compiled))\//;

const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/^practice\/kits\//, 'kits'],
  [/^evidence\//, 'evidence packs'],
  [/^snapshots\//, 'snapshots'],
];

/** Every file of a server's home but those in which secrets lie on purpose, as it lies on the disk. */
export function filesOf(home: string): readonly Haystack[] {
  return filesBelow(home)
    .map((path) => ({ path, name: relative(home, path) }))
    .filter(({ name }) => !ON_PURPOSE.test(name))
    .map(({ path, name }) =>
      fileHaystack(KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'files', path),
    );
}

/** Every entry of the journal as it is read: in its file a page may end anywhere in it. */
export async function entriesOf(home: string): Promise<readonly Haystack[]> {
  const logKey = readFileSync(join(home, 'log.pub'), 'utf8').trim();
  const journal = await readJournal(join(home, 'journal'), logKeysOf(logKey).classical);
  try {
    return (await Array.fromAsync(journal.read(0, journal.checkpoint().size))).map(
      ({ index, bytes }) => bytesHaystack('journal entries', `entry ${index}`, bytes),
    );
  } finally {
    await journal.close();
  }
}

/** Every text and file that the server can read with the keys that it keeps for them. */
export async function textsOf(home: string): Promise<readonly Haystack[]> {
  const keys = globSync('keys/subjects/*.key', { cwd: home }).map((name) =>
    readFileSync(join(home, name), 'utf8').trim(),
  );
  const texts: Haystack[] = [];
  for (const path of filesBelow(join(home, 'blobs')))
    for (const key of keys) {
      const text = await decryptWith(key, readFileSync(path), 'A text', 64 << 20).catch(
        () => undefined,
      );
      if (text !== undefined) texts.push(bytesHaystack('texts', `text of ${path}`, text));
    }
  return texts;
}

/** What the kits hold for whoever has a key: each is one file, encrypted to people. */
export async function kitsOf(home: string): Promise<readonly Haystack[]> {
  const identity = identityOf(home, 'ana');
  const kits = filesBelow(join(home, 'practice', 'kits')).filter((path) => path.endsWith('-kit'));
  return Promise.all(
    kits.map(async (path) =>
      bytesHaystack(
        'kits',
        `inside of ${path}`,
        await decryptWith(identity, readFileSync(path), 'A kit', 64 << 20),
      ),
    ),
  );
}
