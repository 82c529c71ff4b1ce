import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { utf8Text } from '@halligan/format';
import {
  openShare,
  parseCredential,
  parseSeal,
  recoverCredential,
  type Seal,
} from '@halligan/seal';
import type { Secret } from './leaks.fixture.ts';

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

/** Everything secret that a practice home's holders can read: passwords, share words, identities. */
export async function secretsOf(
  home: string,
  people: readonly string[],
): Promise<readonly Secret[]> {
  const secrets: Secret[] = people.map((person) => ({
    name: `identity of ${person}`,
    text: identityOf(home, person),
  }));
  for (const seal of sealsOf(home)) {
    const { account, version } = seal.header;
    const places = seal.header.shares.filter(({ holder }) => people.includes(holder));
    const shares = new Map<string, Uint8Array>();
    for (const { path, group, holder } of places) {
      const identity = identityOf(home, holder);
      const share = await openShare({ seal, path, group, holder, identity });
      shares.set(`${path}/${group}/${holder}`, share);
      const words = utf8Text(share).trimEnd().split('\n').at(-1)?.split(' ') ?? [];
      // The first words are alike in all shares of a path; these are this share's own.
      secrets.push({
        name: `share of ${holder} in ${account} ${version} ${path}`,
        text: words.slice(8, 16).join(' '),
      });
    }
    const three = ['keyholders/ana', 'keyholders/ben', 'executives/dana'].flatMap(
      (place) => shares.get(`offline/${place}`) ?? [],
    );
    const credential = await recoverCredential({ seal, path: 'offline', shares: three });
    const { password } = parseCredential(credential);
    secrets.push({ name: `password of ${account} ${version}`, text: password });
  }
  return secrets;
}
