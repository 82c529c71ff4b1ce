import { HalliganError } from '@halligan/format';
import { readOnlyFolder } from './folder.ts';

/** Primary result codes of SQLite, https://sqlite.org/rescode.html */
const BUSY = 5;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const CONSTRAINT = 19;
const NOTADB = 26;

/** Whether another connection was in the way. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === BUSY;
}

/** Whether the disk had no room, in any of the words that SQLite has for it. */
export function isFull(error: unknown): boolean {
  return [FULL, IOERR, CANTOPEN].includes(resultCode(error) ?? -1);
}

/** What an error of SQLite means to the person who runs the server. */
export function storageError(folder: string, cause: unknown): HalliganError {
  if (cause instanceof HalliganError) return cause;
  switch (resultCode(cause)) {
    case READONLY:
      return readOnlyFolder(folder, cause);
    case CORRUPT:
    case NOTADB:
      return corrupt(folder, 'Its database file is damaged.', cause);
    case FULL:
      return new HalliganError(
        'journal.full',
        `The disk of the data folder ${folder} is full, and the reserve is used up.`,
        'Free space on that disk; the journal goes on by itself.',
        { cause },
      );
    case BUSY:
      return new HalliganError(
        'journal.busy',
        `Another program is writing to the journal in ${folder}.`,
        'Look for a database tool that has journal.db open, and close it.',
        { cause },
      );
    case CONSTRAINT:
      return new HalliganError(
        'journal.fenced',
        `Somebody else has written to the journal in ${folder}.`,
        'Stop every server on this folder, find the second one, then start one alone.',
        { cause },
      );
    default:
      return new HalliganError(
        'journal.storage',
        `The journal in ${folder} could not be read or written.`,
        'Check the disk, its free space and the system log.',
        { cause },
      );
  }
}

/** The journal is not what was written. Never repaired: what a repair would hide is what the tree is there to show. */
export function corrupt(folder: string, what: string, cause?: unknown): HalliganError {
  return new HalliganError(
    'journal.corrupt',
    `The journal in ${folder} does not verify. ${what}`,
    'Keep this folder as evidence, do not edit it. Restore the latest backup into another folder and compare it with a checkpoint kept elsewhere (kit, evidence pack, cosigner).',
    { cause },
  );
}

/** The primary result code: the low byte of the extended one. */
function resultCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined;
}
