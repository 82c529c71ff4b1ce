import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HalliganError, hex, utf8Text } from '@halligan/format';
import { openJournal, readJournal, syncAll, syncFolder } from '@halligan/journal';
import { type Seal, unpackSeal } from '@halligan/seal';
import { logKeysOf } from '@halligan/tlog';
import { requireRestorable } from '../data-version.ts';
import { readSettings, type ServerHome, serverHome, writeSettings } from '../home.ts';
import { type BackupManifest, readManifest } from './manifest.ts';
import { unsealKeys } from './sealed-keys.ts';

/** A log as a person's device last saw it. */
export interface SeenLog {
  readonly size: number;
  /** 64 hexadecimal digits. */
  readonly root: string;
}

/** What stands in a backup for its keys. */
const OF_THE_BACKUP: ReadonlySet<string> = new Set([
  'backup.json',
  'keys.age',
  'keys.halligan-seal',
]);

/**
 * Reads and checks a whole backup: every file, and that its journal verifies.
 * @throws what {@link readManifest} and the journal throw
 */
export async function readBackup(
  folder: string,
): Promise<{ readonly manifest: BackupManifest; readonly seal: Seal }> {
  const manifest = await readManifest(folder);
  requireRestorable(manifest);
  const seal = unpackSeal(await readFile(join(folder, 'keys.halligan-seal')), manifest.seal);
  const journal = await readJournal(join(folder, 'journal'), await verifierOf(folder));
  const { size, root } = journal.checkpoint();
  await journal.close();
  const reports = join(folder, 'reports');
  if (existsSync(reports)) {
    const key = utf8Text(await readFile(join(folder, 'reports.pub'))).trim();
    await (await readJournal(reports, key)).close();
  }
  if (size !== manifest.journal.size || hex(root) !== manifest.journal.root)
    throw new HalliganError(
      'backup.damaged',
      'This backup’s journal is not the one that it says.',
      'Take another copy of the backup, or an older one.',
    );
  return { manifest, seal };
}

/**
 * Makes a data folder from a backup. The adversary is whoever offers an old backup, to make something undone: a log
 * that is behind what a device saw, or another than it saw, is no restoration.
 * @param credential of the backup's seal, opened by a quorum; overwritten
 * @param seen what people's devices last saw; at least one
 * @param isLost what lies between this backup and what devices saw is gone, and the people who restore it know: two admins
 *   sign that before those devices go on
 * @throws `backup.seen`, `backup.behind`, `backup.forked`, `backup.home`, `seal.wrong-key`
 */
export async function restoreBackup(
  folder: string,
  root: string,
  credential: Uint8Array,
  seen: readonly SeenLog[],
  isLost = false,
): Promise<BackupManifest> {
  const { manifest } = await readBackup(folder);
  await requireSeen(folder, manifest, seen, isLost);
  await requireFree(root);
  // Whole or not at all: a half-restored folder must never be started.
  const unfinished = `${root}.restoring`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  try {
    for (const name of await readdir(folder))
      if (!OF_THE_BACKUP.has(name))
        await cp(join(folder, name), join(unfinished, name), { recursive: true });
    const home = serverHome(unfinished);
    await unsealKeys(await readFile(join(folder, 'keys.age')), credential, home.keys);
    await embedded(home);
    const signer = utf8Text(await readFile(join(home.keys, 'log.key'))).trim();
    await (await openJournal({ folder: home.journal, signer, create: false })).close();
    await syncAll(unfinished);
    await rm(root, { recursive: true, force: true });
    await rename(unfinished, root);
    syncFolder(dirname(root));
    return manifest;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  } finally {
    credential.fill(0);
  }
}

/** The users of the old machine are not on this one: its programs begin as children of the server again. */
async function embedded(home: ServerHome): Promise<void> {
  const { programs: _elsewhere, ...settings } = await readSettings(home);
  await writeSettings(home, settings);
}

async function requireSeen(
  folder: string,
  { journal: { size } }: BackupManifest,
  seen: readonly SeenLog[],
  isLost: boolean,
): Promise<void> {
  if (seen.length === 0)
    throw new HalliganError(
      'backup.seen',
      'Nobody said what their device last saw of the log.',
      'On each person’s device: halligan backup seen. Give the largest, better all: --seen SIZE:ROOT.',
    );
  const ahead = seen.reduce((most, one) => (one.size > most.size ? one : most));
  if (ahead.size > size && !isLost)
    throw new HalliganError(
      'backup.behind',
      `This backup has ${size} entries; a device saw ${ahead.size}. What lies between is not in it.`,
      'Look for a newer backup. Is there none: --lost, and two admins sign what was lost: docs/guides/back-up.md.',
    );
  for (const anchor of seen.filter((one) => one.size <= size)) {
    try {
      const root = Uint8Array.fromHex(anchor.root);
      const verifier = await verifierOf(folder);
      await (
        await readJournal(join(folder, 'journal'), verifier, { size: anchor.size, root })
      ).close();
    } catch (cause) {
      if (!(cause instanceof HalliganError) || cause.code !== 'journal.rolled-back') throw cause;
      throw new HalliganError(
        'backup.forked',
        `This backup is not the log that a device saw at ${anchor.size} entries.`,
        'Restore nothing from it, and tell security: it was altered, or is another organisation’s.',
        { cause },
      );
    }
  }
}

async function requireFree(root: string): Promise<void> {
  await mkdir(dirname(root), { recursive: true, mode: 0o700 });
  const there = await readdir(root).catch(() => []);
  if (there.length === 0) return;
  throw new HalliganError(
    'backup.home',
    `${root} is not empty.`,
    'Restore into a new folder: --home, or HALLIGAN_HOME. What is there may be the only copy of something.',
  );
}

async function verifierOf(folder: string): Promise<string> {
  return logKeysOf(utf8Text(await readFile(join(folder, 'log.pub'))).trim()).classical;
}
