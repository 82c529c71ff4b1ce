import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { isDirectory, syncFolder } from './folder.ts';
import { JournalFile } from './journal-file.ts';
import { missing } from './ledger.ts';
import { storageError } from './storage-error.ts';

/**
 * Copies a journal, beside a running server, as it stands at one moment: SQLite's own backup, which begins again where
 * somebody writes meanwhile. The copy gets its name when it is whole.
 * @param target a folder without a journal; made if missing
 * @throws `journal.missing`, `journal.corrupt`, `journal.folder`
 */
export async function copyJournal(folder: string, target: string): Promise<void> {
  if (!isDirectory(folder) || !JournalFile.isIn(folder)) throw missing(folder);
  await mkdir(target, { recursive: true, mode: 0o700 });
  const path = join(target, 'journal.db');
  const unfinished = `${path}.new`;
  try {
    await rm(unfinished, { force: true });
    using database = new DatabaseSync(join(folder, 'journal.db'), { readOnly: true });
    await backup(database, unfinished, { rate: 4096 });
    using copy = new DatabaseSync(unfinished);
    // One file without a log beside it: what is copied on is whole.
    copy.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL');
    copy.close();
    await rename(unfinished, path);
    syncFolder(target);
  } catch (cause) {
    throw storageError(target, cause);
  }
}
