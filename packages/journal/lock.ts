import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HalliganError } from '@halligan/format';
import { makeFile } from './folder.ts';
import { isBusy, storageError } from './storage-error.ts';

/** How long a server that is just stopping may keep the next one waiting, in milliseconds. */
const PATIENCE = 250;

/**
 * The writer's lock on a data folder: `BEGIN EXCLUSIVE` held on `lock.db`, a file without content, so that readers
 * of the journal itself are never shut out. The operating system releases it when the process ends, however it
 * ends. It keeps honest servers apart; against one that got past it (a network file system without locks, a
 * deleted `lock.db`), every commit is fenced by the primary key of the entries.
 */
export class WriterLock {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** @throws `journal.locked` where another process, or this one, holds it; `journal.read-only`, `journal.folder` */
  static take(folder: string): WriterLock {
    const path = join(folder, 'lock.db');
    makeFile(path);
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(path, { timeout: PATIENCE });
      // Nothing is ever written to it, and a full disk must not get in the way of the lock.
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
      return new WriterLock(database);
    } catch (cause) {
      database?.close();
      throw isBusy(cause) ? locked(folder, cause) : storageError(folder, cause);
    }
  }

  release(): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

function locked(folder: string, cause: unknown): HalliganError {
  return new HalliganError(
    'journal.locked',
    `Another Halligan server is running on the data folder ${folder}.`,
    'Stop that one first (look for a second service, container or terminal), or give this one a folder of its own.',
    { cause },
  );
}
