import { existsSync } from 'node:fs';
import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { copyJournal } from '@halligan/journal';
import type { ServerHome } from '../home.ts';

/** Copied by other means, or worth nothing elsewhere. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'journal',
  'reports',
  'keys',
  'backups',
  'practice',
  // On their way: whoever sent one sends it again where no statement names it yet.
  'uploads',
  '.writable',
]);

/**
 * Copies a data folder but for its keys, while its server runs: the journal first, then the blobs and seals, which were
 * durable before the journal named them.
 * @param target made if missing
 */
export async function copyData(
  { root, journal, reports }: ServerHome,
  target: string,
): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o700 });
  await copyJournal(journal, join(target, 'journal'));
  if (existsSync(reports)) await copyJournal(reports, join(target, 'reports'));
  for (const name of await readdir(root))
    if (!LEFT_OUT.has(name)) await cp(join(root, name), join(target, name), { recursive: true });
}
