import { existsSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError, utf8, utf8Text } from '@halligan/format';
import { syncFolder, writeFileDurably } from '@halligan/journal';
import type { LogIdentity } from '@halligan/procedure';
import { verifierOf } from '@halligan/tlog';
import { readSettings, type ServerHome, serverHome } from './home.ts';
import { makeLogKeys } from './leaving.ts';

/** The keys of a log, and where those lie that wait to be taken. */
const FILES = ['log.key', 'log.ml-dsa.key'] as const;

/**
 * Makes new keys of the log, which sign nothing before two admins have said so and the server was started again.
 * @returns the file with the new verifier keys, for the admins
 * @throws `server.not-set-up`
 */
export async function makeNextLogKey(root: string, now = new Date()): Promise<string> {
  const home = serverHome(root);
  const { origin } = await readSettings(home);
  // An origin never comes twice: it tells the old log's checkpoints from the new one's.
  const stamp = now
    .toISOString()
    .replaceAll(/[^0-9]/g, '')
    .slice(0, 14);
  const { logKey } = await makeLogKeys(home, `${origin}/${stamp}`, 'next-');
  const file = join(root, 'log-next.pub');
  await writeFileDurably(file, utf8(`${logKey}\n`));
  return file;
}

/** The Ed25519 key that signed the log before the one that signs now. */
export async function previousLogKey(home: ServerHome): Promise<string | undefined> {
  const file = join(home.keys, 'log.previous.pub');
  return existsSync(file) ? utf8Text(await readFile(file)).trim() : undefined;
}

/**
 * Takes the waiting keys where the record says that they are the log's now. Whatever a crash left half done is done when it is
 * called again.
 * @returns whether the key that signs has changed
 * @throws `server.log-key` where the record names keys that are not here
 */
export async function takeNextKeys(
  home: ServerHome,
  log: LogIdentity | undefined,
): Promise<boolean> {
  if (log === undefined) return false;
  const [current, waiting] = [join(home.keys, 'log.key'), join(home.keys, 'next-log.key')];
  const own = log.logKey.split('\n')[0];
  const changes = (await verifierIn(current)) !== own;
  if (changes) {
    if ((await verifierIn(waiting)) !== own)
      throw new HalliganError(
        'server.log-key',
        'The record names keys of the log that are not on this server.',
        `Put the files that halligan journal new-key made into ${home.keys}, or restore a backup.`,
      );
    await writeFileDurably(
      join(home.keys, 'log.previous.pub'),
      utf8(`${await verifierIn(current)}\n`),
    );
    await writeFileDurably(join(home.root, 'log.pub'), utf8(`${log.logKey}\n`));
  }
  // The Ed25519 key last: until it has its place, all of this is done again.
  for (const name of [...FILES].reverse()) {
    const next = join(home.keys, `next-${name}`);
    if (!changes || !existsSync(next)) continue;
    await rename(next, join(home.keys, name));
    syncFolder(home.keys);
  }
  return changes;
}

async function verifierIn(file: string): Promise<string | undefined> {
  return existsSync(file) ? verifierOf(utf8Text(await readFile(file)).trim()) : undefined;
}
