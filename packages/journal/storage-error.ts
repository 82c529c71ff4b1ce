import { HalliganError } from '@halligan/format';
import { readOnlyFolder } from './folder.ts';

/** Primary result codes of SQLite, https://sqlite.org/rescode.html */
const BUSY = 5;
const READONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CONSTRAINT = 19;
const NOTADB = 26;
/** An extended one. */
const IOERR_SHMSIZE = 4874;

/** Whether another connection was in the way. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === BUSY;
}

/** Whether the disk had no room: for data, or for the index of the write-ahead log. */
export function isFull(error: unknown): boolean {
  return resultCode(error) === FULL || extendedCode(error) === IOERR_SHMSIZE;
}

/** What an error of SQLite means to the person who runs the server. */
export function storageError(folder: string, cause: unknown): HalliganError {
  if (cause instanceof HalliganError) return cause;
  if (isFull(cause)) return full(folder, cause);
  switch (resultCode(cause)) {
    case READONLY:
      return readOnlyFolder(folder, cause);
    case CORRUPT:
    case NOTADB:
      return corrupt(folder, 'Its database file is damaged.', cause);
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

function full(folder: string, cause: unknown): HalliganError {
  return new HalliganError(
    'journal.full',
    `The disk of the data folder ${folder} is full, and the reserve is used up.`,
    'Free space on that disk; the journal goes on by itself.',
    { cause },
  );
}

/** The primary result code: the low byte of the extended one. */
function resultCode(error: unknown): number | undefined {
  const code = extendedCode(error);
  return code === undefined ? undefined : code & 0xff;
}

function extendedCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : undefined;
}
