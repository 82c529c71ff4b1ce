import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HalliganError } from '@halligan/format';
import type { Head } from '@halligan/reports';
import { z } from 'zod';
import { inTransaction } from '../store/transaction.ts';

/** A report as it lies on the disk. */
export interface Row {
  /** Its index in the machine's own journal. */
  readonly at: number;
  /** Canonical JSON. */
  readonly report: string;
}

/** A gap in what lies here: the record goes on from `after`, which the machine signed before its disk was put back. */
export interface Skip {
  readonly before: Head;
  readonly after: Head;
}

/** How far the record goes here, and how far somewhere else has it. */
export type Mark = 'here' | 'handed';

/** The file of a machine's record. Durable when `append` or `mark` returns. */
export interface RecordFile {
  head(mark: Mark): Head;
  /** Adds a report and moves the head, both or neither. */
  append(row: Row, head: Head): void;
  mark(mark: Mark, head: Head): void;
  rows(from: number, most: number): readonly Row[];
  /** Where reports are missing here, because the disk was put back: what is before and what goes on after. */
  skips(): readonly Skip[];
  /** Forgets the rows from `skip.before` on and goes on after the gap; all of it, or none. */
  skip(skip: Skip): void;
  close(): void;
}

const FORM = 1;
const EMPTY: Head = { size: 0, frontier: [], checkpoint: null };
const headSchema = z.strictObject({
  size: z.int().min(0),
  frontier: z.array(z.base64()),
  checkpoint: z.string().nullable(),
});

const skipSchema = z.strictObject({ before: headSchema, after: headSchema });

/**
 * Opens `record.db` in the agent's folder. It is the agent that writes; whoever else is root may read meanwhile.
 * @throws `device.record` where it is damaged, of a newer version, or not there to be read
 */
export function openRecordFile(folder: string, access: 'write' | 'read'): RecordFile {
  const path = join(folder, 'record.db');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: access === 'read', timeout: 2000 });
    if (access === 'write') {
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      prepare(database);
    }
    return fileOf(database);
  } catch (cause) {
    database?.close();
    if (cause instanceof HalliganError) throw cause;
    throw unreadable(path, cause);
  }
}

function prepare(database: DatabaseSync): void {
  const form = database.prepare('PRAGMA user_version').get()?.user_version;
  if (form === FORM) return;
  if (form !== 0)
    throw new HalliganError(
      'device.record',
      'The record of this machine was written by a newer version of this program.',
      'Install that version.',
    );
  database.exec(
    `BEGIN IMMEDIATE;
     CREATE TABLE report (at INTEGER PRIMARY KEY, report TEXT NOT NULL) STRICT;
     CREATE TABLE skip (at INTEGER PRIMARY KEY, skip TEXT NOT NULL) STRICT;
     CREATE TABLE head (mark TEXT PRIMARY KEY, head TEXT NOT NULL) STRICT, WITHOUT ROWID;
     PRAGMA user_version = ${FORM};
     COMMIT`,
  );
}

function fileOf(database: DatabaseSync): RecordFile {
  const select = database.prepare('SELECT head FROM head WHERE mark = ?');
  const place = database.prepare('INSERT OR REPLACE INTO head (mark, head) VALUES (?, ?)');
  const insert = database.prepare('INSERT INTO report (at, report) VALUES (?, ?)');
  const list = database.prepare('SELECT at, report FROM report WHERE at >= ? ORDER BY at LIMIT ?');
  const drop = database.prepare('DELETE FROM report WHERE at >= ?');
  const gaps = database.prepare('SELECT skip FROM skip ORDER BY at');
  const miss = database.prepare('INSERT INTO skip (at, skip) VALUES (?, ?)');
  const write = (work: () => void) =>
    inTransaction(
      database,
      work,
      (cause) =>
        new HalliganError(
          'device.record',
          'This machine could not put on its record what happened; nobody is let in meanwhile.',
          'Look at the disk: free space, read-only mount, the system log.',
          { cause },
        ),
    );
  return {
    head: (mark) => {
      const text = select.get(mark)?.head;
      return typeof text === 'string' ? parsed(headSchema, text) : EMPTY;
    },
    append: ({ at, report }, head) =>
      write(() => {
        insert.run(at, report);
        place.run('here', JSON.stringify(head));
      }),
    mark: (mark, head) => write(() => place.run(mark, JSON.stringify(head))),
    rows: (from, most) =>
      list.all(from, most).map(({ at, report }) => {
        return { at: Number(at), report: String(report) };
      }),
    skips: () => gaps.all().map(({ skip }) => parsed(skipSchema, String(skip))),
    skip: (skip) =>
      write(() => {
        drop.run(skip.before.size);
        miss.run(skip.after.size, JSON.stringify(skip));
        for (const mark of ['here', 'handed'] as const) place.run(mark, JSON.stringify(skip.after));
      }),
    close: () => database.close(),
  };
}

function parsed<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw unreadable('record.db', cause);
  }
}

function unreadable(path: string, cause: unknown): HalliganError {
  return new HalliganError(
    'device.record',
    `The record of this machine, ${path}, cannot be read.`,
    'Look whether there is one, and at the disk. If it is damaged, keep a copy, move it away and enrol the machine anew.',
    { cause },
  );
}
