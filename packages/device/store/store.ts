import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HalliganError } from '@halligan/format';
import { inTransaction } from './transaction.ts';

/** What the agent remembers, by name; each value is text. Durable when `put` returns. */
export interface Store {
  get(name: string): string | undefined;
  /** Sets values, and removes those that are undefined: all of them, or none. */
  put(values: Readonly<Record<string, string | undefined>>): void;
  /** The names that begin so, in order. */
  names(prefix: string): readonly string[];
  /** Leaves nothing in the files of what was removed or replaced. Where it cannot, on a full disk, the next one does. */
  sweep(): void;
  close(): void;
}

/** The number of this form, in SQLite's user_version. */
const FORM = 1;

/**
 * Opens the agent's memory in a folder of root's own, made where it does not exist.
 * @throws `device.store` where it is damaged, of a newer version, or cannot be opened
 */
export function openStore(folder: string): Store {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    database = new DatabaseSync(join(folder, 'device.db'));
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 0');
    // What is removed is written over: whoever reads the disk finds no verifier that was let go.
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA secure_delete = ON');
    prepare(database);
    return storeOf(database);
  } catch (cause) {
    database?.close();
    if (cause instanceof HalliganError) throw cause;
    throw new HalliganError(
      'device.store',
      `What this machine remembers, in ${folder}, cannot be read.`,
      'Look whether another agent runs, and at the disk. If the file is damaged, move it away: people then sign in online once more.',
      { cause },
    );
  }
}

function prepare(database: DatabaseSync): void {
  const row = database.prepare('PRAGMA user_version').get();
  const form = row?.user_version;
  if (form === FORM) return;
  if (form !== 0)
    throw new HalliganError(
      'device.store',
      'What this machine remembers was written by a newer version of this program.',
      'Install that version.',
    );
  database.exec(
    `BEGIN IMMEDIATE;
     CREATE TABLE memory (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
     PRAGMA user_version = ${FORM};
     COMMIT`,
  );
}

function storeOf(database: DatabaseSync): Store {
  const select = database.prepare('SELECT value FROM memory WHERE name = ?');
  const list = database.prepare(
    'SELECT name FROM memory WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name',
  );
  const insert = database.prepare('INSERT OR REPLACE INTO memory (name, value) VALUES (?, ?)');
  const remove = database.prepare('DELETE FROM memory WHERE name = ?');
  return {
    get: (name) => {
      const value = select.get(name)?.value;
      return typeof value === 'string' ? value : undefined;
    },
    put: (values) =>
      inTransaction(
        database,
        () => {
          for (const [name, value] of Object.entries(values)) {
            if (value === undefined) remove.run(name);
            else insert.run(name, value);
          }
        },
        (cause) =>
          new HalliganError(
            'device.store',
            'This machine could not write down what happened.',
            'Look at the disk: free space, read-only mount, the system log.',
            { cause },
          ),
      ),
    names: (prefix) => list.all(prefix).map(({ name }) => String(name)),
    sweep: () => {
      try {
        // The log still holds pages as they were before.
        database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      } catch {
        // What was changed is durable without it.
      }
    },
    close: () => database.close(),
  };
}
