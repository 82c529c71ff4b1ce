import { renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { HalliganError } from '@halligan/format';
import { exists, isWritable, makeFile, syncFolder } from './folder.ts';
import type { Size } from './journal.ts';
import { corrupt, storageError } from './storage-error.ts';
import {
  type StoredCheckpoint,
  type StoredEntry,
  type StoredRow,
  storedCheckpoint,
  storedEntry,
  storedRow,
} from './stored.ts';
import { knownVersion, SCHEMA, SHOW_UPGRADED, UPGRADE } from './tables.ts';

/** WAL and FULL: a commit returns after its fsync. `fullfsync` matters on macOS only, where fsync stops at the drive's cache. */
const DURABLE = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA fullfsync = ON;
  PRAGMA checkpoint_fullfsync = ON;
  PRAGMA trusted_schema = OFF;
`;

/** How long another connection's write may delay ours, in milliseconds. There should be none. */
const PATIENCE = 1000;

/** The reserve is kept between half of this and this, in pages of 4096 bytes: 8 MB. */
const RESERVE_PAGES = 2048;

/**
 * `journal.db`: the tables, and nothing of what they mean. Once the database is open, never open this file by other
 * means in the same process: closing any handle of it gives up SQLite's POSIX locks.
 */
export class JournalFile {
  readonly folder: string;
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #selectEntries: StatementSync;
  /** Not before the first commit: until then the entries may be a view. */
  #insertEntry: StatementSync | undefined;

  private constructor(folder: string, database: DatabaseSync) {
    this.folder = folder;
    this.#database = database;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#selectEntries = database.prepare(
      'SELECT entry, bytes FROM entries WHERE entry >= ? AND entry < ? ORDER BY entry LIMIT ?',
    );
  }

  /** Whether the folder holds a journal. @throws `journal.corrupt` where there is half of one */
  static isIn(folder: string): boolean {
    const path = databaseIn(folder);
    if (exists(path)) return true;
    // SQLite would play this log into whatever database is put beside it.
    if (exists(`${path}-wal`)) {
      throw corrupt(folder, 'journal.db is gone, but its write-ahead log is there.');
    }
    return false;
  }

  /**
   * Makes a journal of no entries. It gets its name when it is whole, so that an empty `journal.db` is a damaged one
   * and never mistaken for a new one. Only under the writer's lock.
   */
  static create(folder: string, checkpoint: StoredCheckpoint): void {
    const path = `${databaseIn(folder)}.new`;
    for (const leftover of ['', '-wal', '-shm']) rmSync(path + leftover, { force: true });
    makeFile(path);
    try {
      using database = new DatabaseSync(path);
      database.exec(`${DURABLE} BEGIN; ${SCHEMA}`);
      database
        .prepare('INSERT INTO checkpoints VALUES (?, ?)')
        .run(checkpoint.size, checkpoint.note);
      database.exec('COMMIT');
    } catch (cause) {
      throw storageError(folder, cause);
    }
    renameSync(path, databaseIn(folder));
    syncFolder(folder);
  }

  /** Opens it for the writer. @throws `journal.version`, `journal.corrupt`, `journal.read-only` */
  static open(folder: string): JournalFile {
    return JournalFile.#open(folder, () => {
      const database = new DatabaseSync(databaseIn(folder), { timeout: PATIENCE });
      database.exec(DURABLE);
      return database;
    });
  }

  /**
   * Opens it beside a writer that may be running, or where nobody can write (a backup on read-only media).
   * @throws as `open`
   */
  static openToRead(folder: string): JournalFile {
    const path = databaseIn(folder);
    // Readers share two more files with the writer. Where these can be neither found nor made, nobody is writing,
    // and the database is complete unless a log lies beside it that was never played into it.
    const alone = !isWritable(folder) && !exists(`${path}-shm`);
    if (alone && exists(`${path}-wal`)) throw unplayed(folder);
    return JournalFile.#open(folder, () => {
      if (!alone) return new DatabaseSync(path, { readOnly: true, timeout: PATIENCE });
      const still = pathToFileURL(path);
      still.searchParams.set('immutable', '1');
      return new DatabaseSync(still, { readOnly: true });
    });
  }

  static #open(folder: string, connect: () => DatabaseSync): JournalFile {
    let database: DatabaseSync | undefined;
    try {
      database = connect();
      if (knownVersion(folder, database) === 1) database.exec(SHOW_UPGRADED);
      return new JournalFile(folder, database);
    } catch (cause) {
      database?.close();
      throw storageError(folder, cause);
    }
  }

  /**
   * Brings it to the present version, before anything is written. Only a journal that has been verified: another is
   * evidence, and stays as it was found.
   */
  upgrade(): void {
    if (knownVersion(this.folder, this.#database) === 1)
      this.#write(() => this.#database.exec(UPGRADE));
  }

  /** Whether it can still be read. */
  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  /** Up to `limit` rows from index `from` up to `to`, excluded. */
  entries(from: Size, to: Size, limit: number): readonly StoredEntry[] {
    return this.#selectEntries.all(from, to, limit).map((row) => storedEntry(this.folder, row));
  }

  /** All entries from index `from` on; from any index, one that should not be there too, where it is undefined. */
  *allEntries(from: Size = Number.MIN_SAFE_INTEGER): Generator<StoredEntry, undefined> {
    const rows = this.#database.prepare(
      'SELECT entry, bytes FROM entries WHERE entry >= ? ORDER BY entry',
    );
    for (const row of rows.iterate(from)) yield storedEntry(this.folder, row);
  }

  /** All checkpoints of `from` entries or more, by size; of any size where it is undefined. */
  *allCheckpoints(from: Size = Number.MIN_SAFE_INTEGER): Generator<StoredCheckpoint, undefined> {
    // Where the table has more than the first one, version 1 wrote them: before any that lies with an entry.
    for (const select of [
      'SELECT size, note FROM checkpoints WHERE size >= ? ORDER BY size',
      `SELECT entry + 1 AS size, checkpoint AS note FROM entries
       WHERE entry >= ? - 1 AND checkpoint IS NOT NULL ORDER BY entry`,
    ])
      for (const row of this.#database.prepare(select).iterate(from))
        yield storedCheckpoint(this.folder, row);
  }

  /** The rows of the entries from index `from` up to `to`, excluded, each with the checkpoint that lies beside it. */
  *rows(from: Size, to: Size): Generator<StoredRow, undefined> {
    const select = this.#database.prepare(
      'SELECT entry, bytes, checkpoint FROM entries WHERE entry >= ? AND entry < ? ORDER BY entry',
    );
    // Very many are read: an object for each is a fifth of the reading.
    select.setReturnArrays(true);
    for (const row of select.iterate(from, to)) yield storedRow(this.folder, row);
  }

  /** The checkpoints in their own table of more than `from` entries, up to `to`, by size. */
  *tabledCheckpoints(from: Size, to: Size): Generator<StoredCheckpoint, undefined> {
    const select = this.#database.prepare(
      'SELECT size, note FROM checkpoints WHERE size > ? AND size <= ? ORDER BY size',
    );
    for (const row of select.iterate(from, to)) yield storedCheckpoint(this.folder, row);
  }

  /** The checkpoint of the largest size. @throws `journal.corrupt` where there is none */
  latestCheckpoint(): StoredCheckpoint {
    const tabled = this.#database
      .prepare('SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1')
      .get();
    const latest = this.#database
      .prepare(
        `SELECT entry + 1 AS size, checkpoint AS note FROM entries
         WHERE entry >= ? AND checkpoint IS NOT NULL ORDER BY entry DESC LIMIT 1`,
      )
      // Of the entries that version 1 wrote none has one: they need not be looked at.
      .get(typeof tabled?.size === 'number' ? tabled.size : 0);
    const row = latest ?? tabled;
    if (row === undefined) throw corrupt(this.folder, 'It has no checkpoint.');
    return storedCheckpoint(this.folder, row);
  }

  /** How many entries there are, going by the last one's index. */
  size(): Size {
    const last = this.#database.prepare('SELECT max(entry) AS last FROM entries').get()?.last;
    return typeof last === 'number' ? last + 1 : 0;
  }

  /**
   * Writes entries from index `first` on and their checkpoint, in one transaction; durable when it returns. The
   * primary key is the fence: where another writer has been, this fails.
   */
  commit(first: Size, entries: readonly Uint8Array[], { note }: StoredCheckpoint): void {
    this.#insertEntry ??= this.#database.prepare('INSERT INTO entries VALUES (?, ?, ?)');
    const row = this.#insertEntry;
    const last = entries.length - 1;
    const insert = () => {
      for (const [at, bytes] of entries.entries())
        row.run(first + at, bytes, at === last ? note : null);
    };
    // One row is a transaction of its own.
    if (last === 0) insert();
    else this.#write(insert);
  }

  /** Replaces the note of the checkpoint of that size, wherever it lies; durable when it returns. */
  signAgain({ size, note }: StoredCheckpoint): void {
    this.#write(() => {
      for (const update of [
        'UPDATE checkpoints SET note = ? WHERE size = ?',
        'UPDATE entries SET checkpoint = ? WHERE entry = ? - 1 AND checkpoint IS NOT NULL',
      ])
        this.#database.prepare(update).run(note, size);
    });
  }

  /** Runs several queries on one state of the journal, whatever a writer does meanwhile. */
  snapshot<T>(look: () => T): T {
    this.#database.exec('BEGIN');
    return this.#finish(look);
  }

  /** Whether less than half of the reserve is left: in the database for entries, in the log for commits. */
  isReserveLow(): boolean {
    const log = statSync(`${databaseIn(this.folder)}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    const free = this.#database.prepare('PRAGMA freelist_count').get()?.freelist_count;
    const enough = RESERVE_PAGES / 2;
    return typeof free !== 'number' || free < enough || log < enough * 4096;
  }

  /**
   * Fills the reserve: zeros are written into the database and deleted again. Their pages stay in the file as free
   * pages, and the log keeps its length, so that on a full disk the next 8 MB of entries need no space that the
   * disk would have to find. (A copy-on-write file system can promise nothing of the kind.)
   */
  fillReserve(): void {
    this.#write(() => {
      // A crash may have left zeros behind.
      this.#database.exec('DELETE FROM reserve');
      const insert = this.#database.prepare('INSERT INTO reserve VALUES (zeroblob(?))');
      for (let at = 0; at < 8; at += 1) insert.run((RESERVE_PAGES / 8) * 4096);
    });
    // The file itself must grow, not only its log; where the disk has no room for that, it shows here.
    this.#database.exec('PRAGMA wal_checkpoint(PASSIVE)');
    this.#write(() => this.#database.exec('DELETE FROM reserve'));
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #write<T>(work: () => T): T {
    this.#begin.run();
    return this.#finish(work);
  }

  /** Ends the transaction that has begun: with the work, or without it. */
  #finish<T>(work: () => T): T {
    try {
      const result = work();
      this.#commit.run();
      return result;
    } catch (error) {
      // SQLite has already rolled back after some errors (a full disk is one).
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

/** Where the database of a data folder lies. */
export function databaseIn(folder: string): string {
  return join(folder, 'journal.db');
}

function unplayed(folder: string): HalliganError {
  return new HalliganError(
    'journal.read-only',
    `The journal in ${folder} was not closed, so its last commits are in a log that cannot be played on a read-only disk.`,
    'Copy the whole folder to a place that can be written to, and read it there.',
  );
}
