import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { isDirectory, syncFolder } from './folder.ts';
import { JournalFile } from './journal-file.ts';
import { missing } from './ledger.ts';
import { storageError } from './storage-error.ts';

/**
 * Copies a journal, beside a running server, as it stands at one moment.
 * @param target a folder without a journal; made if missing
 * @throws `journal.missing`, `journal.corrupt`, `journal.folder`
 */
export async function copyJournal(folder: string, target: string): Promise<void> {
  if (!isDirectory(folder) || !JournalFile.isIn(folder)) throw missing(folder);
  await mkdir(target, { recursive: true, mode: 0o700 });
  try {
    await copyDatabase(join(folder, 'journal.db'), join(target, 'journal.db'));
  } catch (cause) {
    throw storageError(target, cause);
  }
}

/**
 * Copies a database that others write meanwhile, as it stands at one moment: SQLite’s own backup, which begins again
 * where somebody writes. The copy gets its name when it is whole.
 * @throws what SQLite and the file system throw
 */
export async function copyDatabase(path: string, target: string): Promise<void> {
  const unfinished = `${target}.new`;
  await rm(unfinished, { force: true });
  using database = new DatabaseSync(path, { readOnly: true });
  await backup(database, unfinished, { rate: 4096 });
  using copy = new DatabaseSync(unfinished);
  // One file without a log beside it: what is copied on is whole.
  copy.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL');
  copy.close();
  await rename(unfinished, target);
  syncFolder(dirname(target));
}
