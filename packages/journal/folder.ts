import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { HalliganError } from '@halligan/format';

/** The `code` of an error of the operating system, such as ENOSPC. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/**
 * Makes sure that a folder exists and can be written to. A new one is readable by its owner only; what an existing
 * one allows is its owner's choice. @throws `journal.read-only`, `journal.folder`
 */
export function prepareFolder(folder: string): void {
  try {
    makeFolder(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    // Node says ENOENT where it cannot make a folder on a read-only file system.
    throw isWritable(nearest(folder)) ? folderError(folder, cause) : readOnlyFolder(folder, cause);
  }
}

/**
 * Makes a folder, mode 0700, and what is missing of the way to it. Each name is durable when this returns: what is
 * written into a folder is no safer than the name of the folder.
 */
export function makeFolder(folder: string): void {
  const path = resolve(folder);
  const first = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made))
    syncFolder(dirname(made));
}

/** The folder itself, or what is there of the way to it. */
function nearest(folder: string): string {
  let path = resolve(folder);
  while (!isDirectory(path) && dirname(path) !== path) path = dirname(path);
  return path;
}

/** Whether a folder can be written to: asked of the system, so that it holds for root and read-only media too. */
export function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes an empty file, mode 0600, and its name in the folder durable; leaves one that exists alone. It is never
 * opened here then: closing any handle of a file gives up all POSIX locks that this process holds on it, those of
 * SQLite included. @throws `journal.read-only`, `journal.folder`
 */
export function makeFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    syncFolder(dirname(path));
  } catch (cause) {
    if (systemCode(cause) !== 'EEXIST') throw folderError(dirname(path), cause);
  }
}

/** Makes the names in a folder durable. Windows cannot, nor needs to. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** What is under this name; nothing is below a file. */
function systemStat(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Whether there is a file, or anything, under this name. */
export function exists(path: string): boolean {
  return systemStat(path) !== undefined;
}

/** Whether this is a folder. */
export function isDirectory(path: string): boolean {
  return systemStat(path)?.isDirectory() === true;
}

function folderError(folder: string, cause: unknown): HalliganError {
  switch (systemCode(cause)) {
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return readOnlyFolder(folder, cause);
    default:
      return new HalliganError(
        'journal.folder',
        `The data folder ${folder} cannot be used.`,
        'Name a folder on a local disk with space left; a file, or a place where nothing can be made, is none.',
        { cause },
      );
  }
}

/** A writer was sent to a folder that it may not write to. */
export function readOnlyFolder(folder: string, cause?: unknown): HalliganError {
  return new HalliganError(
    'journal.read-only',
    `The data folder ${folder} cannot be written to.`,
    'Make it writable for the user that Halligan runs as, and check whether its file system is mounted read-only (a failing disk often is).',
    { cause },
  );
}
