import { existsSync, lstatSync } from 'node:fs';
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { copyJournal, isUnfinished } from '@halligan/journal';
import { copyOutbox } from '../alerts/outbox.ts';
import type { ServerHome } from '../home.ts';

/** Copied by other means, or worth nothing elsewhere. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'journal',
  'reports',
  'outbox',
  'keys',
  'backups',
  'practice',
  // On their way: whoever sent one sends it again where no statement names it yet.
  'uploads',
  '.writable',
]);

/**
 * Copies a data folder but for its keys, while its server runs. The outbox first: an alert that it has already made may
 * be sent twice, and none is passed over because the journal is older. Then the journal, and last the blobs and seals,
 * which were durable before the journal named them.
 * @param target made if missing
 */
export async function copyData(
  { root, journal, reports, outbox }: ServerHome,
  target: string,
): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o700 });
  await copyOutbox(outbox, join(target, 'outbox'));
  await copyJournal(journal, join(target, 'journal'));
  if (existsSync(reports)) await copyJournal(reports, join(target, 'reports'));
  await copyStanding(root, target, LEFT_OUT);
}

/**
 * Copies what stands in a folder that is written meanwhile: a file appears whole under its name, so what is unfinished
 * is left to whoever writes it, and what is gone since its name was read is no longer wanted.
 */
async function copyStanding(
  from: string,
  to: string,
  leftOut: ReadonlySet<string> = new Set(),
): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const name of await readdir(from))
    if (!leftOut.has(name) && !isUnfinished(name))
      await unlessGone(join(from, name), async (path) => {
        if ((await stat(path)).isDirectory()) await copyStanding(path, join(to, name));
        else await copyFile(path, join(to, name));
      });
}

async function unlessGone(path: string, copy: (path: string) => Promise<void>): Promise<void> {
  try {
    await copy(path);
  } catch (error) {
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw error;
  }
}
