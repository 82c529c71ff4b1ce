import type { DatabaseSync } from 'node:sqlite';
import { HalliganError } from '@halligan/format';
import { corrupt } from './storage-error.ts';

/** "Hall" in ASCII: lets `file` and SQLite's tools recognise a journal. */
const APPLICATION_ID = 0x48616c6c;
const SCHEMA_VERSION = 2;

/**
 * The last entry of a commit carries the checkpoint that covers it: a commit of one entry is one row, so one page and
 * one statement. The table `checkpoints` has the one of no entries, and every one of a journal that version 1 began.
 */
export const SCHEMA = `
  CREATE TABLE entries (entry INTEGER PRIMARY KEY, bytes BLOB NOT NULL, checkpoint TEXT) STRICT;
  CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
  CREATE TABLE reserve (zeros BLOB NOT NULL) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Shows a journal of version 1, which kept all checkpoints in their table, as one of version 2. */
export const SHOW_UPGRADED = `
  CREATE TEMP VIEW entries AS SELECT entry, bytes, NULL AS checkpoint FROM main.entries;
`;

/** The checkpoints that version 1 wrote stay where they are: nothing that was written is written again. */
export const UPGRADE = `
  DROP VIEW temp.entries;
  ALTER TABLE entries ADD COLUMN checkpoint TEXT;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Which version a database has. @throws `journal.version`, `journal.corrupt` where it is empty */
export function knownVersion(folder: string, database: DatabaseSync): 1 | typeof SCHEMA_VERSION {
  const application = database.prepare('PRAGMA application_id').get()?.application_id;
  const version = database.prepare('PRAGMA user_version').get()?.user_version;
  const tables = database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.tables;
  if (tables === 0) throw corrupt(folder, 'Its database file is empty.');
  if (application === APPLICATION_ID && (version === 1 || version === SCHEMA_VERSION))
    return version;
  throw new HalliganError(
    'journal.version',
    application === APPLICATION_ID
      ? `The journal in ${folder} has version ${version}; this program knows versions 1 to ${SCHEMA_VERSION}.`
      : `journal.db in ${folder} is a database, but not a journal of Halligan's.`,
    'Use the version of Halligan that wrote it, or a later one, or name another folder.',
  );
}
