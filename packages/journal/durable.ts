import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HalliganError, hex, sameBytes } from '@halligan/format';
import type { Ballast } from './ballast.ts';
import { syncFolder, systemCode } from './folder.ts';

/** What an unfinished file or folder is called: nothing that a store lists begins with a dot. */
const UNFINISHED = /^\..+\.[0-9a-f]{16}\.new$/;

/**
 * Writes a file, mode 0600, so that its name only ever stands for all of its bytes: after a crash it is there whole
 * or not at all. Durable when this resolves. A file of that name is replaced.
 */
export async function writeFileDurably(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  const unfinished = join(folder, unfinishedName(path.slice(folder.length + 1)));
  try {
    await writeSynced(unfinished, bytes);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  syncFolder(folder);
}

/**
 * Writes a stream to a file, mode 0600, as {@link writeFileDurably} does, and names it when all of it is written: it is
 * the last word of `nameOf`, which may still refuse. Where anything fails, nothing stays. Holds one chunk at a time.
 * @param nameOf the file's own name in the folder; called once, after the last chunk was durable
 */
export async function streamDurably(
  folder: string,
  chunks: AsyncIterable<Uint8Array>,
  nameOf: () => string,
): Promise<void> {
  const unfinished = join(folder, unfinishedName('stream'));
  try {
    await writeChunks(unfinished, chunks);
    await rename(unfinished, join(folder, nameOf()));
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  syncFolder(folder);
}

/**
 * Writes a whole folder, mode 0700, that appears at once: after a crash it is there with all of its files or not
 * at all. Durable when this resolves. Where it is already there with the same files, nothing is done.
 * @param name the folder's own name, in `parent`, which exists
 * @param files by their names below the folder, parts separated by `/`
 * @param ballast spent, once, where the disk is full
 * @throws `journal.folder-differs` where a folder of that name holds anything else: it is never overwritten;
 *   `journal.file-name` where a name could leave the folder
 */
export async function writeFolderDurably(
  parent: string,
  name: string,
  files: ReadonlyMap<string, Uint8Array>,
  ballast?: Ballast,
): Promise<void> {
  requireName(name, 1);
  for (const file of files.keys()) requireName(file, 16);
  const wanted = new Map([...files].map(([file, bytes]) => [file, bytes.slice()]));
  const folder = join(parent, name);
  if (await isDone(folder, wanted)) {
    syncFolder(parent);
    return;
  }
  const unfinished = join(parent, unfinishedName(name));
  try {
    await withRoom(ballast, () => writeAll(unfinished, wanted));
    await appear(unfinished, folder, wanted);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  syncFolder(parent);
}

/** Gives a written folder its name, unless another call was faster: what it wrote must then be the same. */
async function appear(
  unfinished: string,
  folder: string,
  wanted: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  try {
    await rename(unfinished, folder);
  } catch (error) {
    if (!(await isDone(folder, wanted))) throw error;
  }
}

/** Makes everything below a folder durable, and its names: what other means have written into it. */
export async function syncAll(folder: string): Promise<void> {
  for (const item of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(item.parentPath, item.name);
    if (item.isDirectory()) syncFolder(path);
    else if (item.isFile()) {
      await using file = await open(path, 'r');
      await file.sync();
    }
  }
  syncFolder(folder);
}

/** Writes a file, mode 0600, where there is none; durable when this resolves. Where it fails, nothing stays. */
export async function writeNewFileDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  syncFolder(dirname(path));
}

/** Whether something in a folder is on its way, or was left by a crash: nobody but its writer reads it. */
export function isUnfinished(name: string): boolean {
  return UNFINISHED.test(name);
}

/** Removes what crashes left unfinished in a folder. Only while nothing else is writing to it. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (isUnfinished(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Runs a piece of writing that can be run again, and does so once with the ballast's room where the disk is full. */
export async function withRoom<T>(
  ballast: Ballast | undefined,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (systemCode(error) !== 'ENOSPC' || ballast?.spend() !== true) throw error;
    return await write();
  }
}

async function writeAll(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  const folders = new Set([folder]);
  for (const [name, bytes] of files) {
    const path = join(folder, ...name.split('/'));
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    for (let above = dirname(path); above !== folder; above = dirname(above)) folders.add(above);
    await writeSynced(path, bytes);
  }
  for (const written of folders) syncFolder(written);
}

async function writeChunks(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  for await (const chunk of chunks) await file.writeFile(chunk);
  await file.sync();
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(bytes);
  await file.sync();
}

/** Whether the folder is there with exactly these files. @throws `journal.folder-differs` */
async function isDone(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<boolean> {
  const found = await namesBelow(folder);
  if (found === undefined) return false;
  const same =
    found.length === files.size &&
    (
      await Promise.all(
        [...files].map(
          async ([name, bytes]) =>
            found.includes(name) && sameBytes(await readFile(join(folder, name)), bytes),
        ),
      )
    ).every(Boolean);
  if (same) return true;
  throw new HalliganError(
    'journal.folder-differs',
    `${folder} exists and holds something else; it was left as it is.`,
    'What is sealed is never overwritten. If that folder is a mistake, move it away yourself.',
  );
}

/** The files below a folder, by their names with `/`; undefined where there is no such folder. */
async function namesBelow(folder: string): Promise<readonly string[] | undefined> {
  try {
    const found = await readdir(folder, { recursive: true, withFileTypes: true });
    return found
      .filter((item) => !item.isDirectory())
      .map((item) => join(item.parentPath, item.name).slice(folder.length + 1))
      .map((name) => name.replaceAll('\\', '/'));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function unfinishedName(name: string): string {
  return `.${name}.${hex(randomBytes(8))}.new`;
}

/** Names come from rosters and policies, so from people: none may climb out, hide, or mean two things on two systems. */
function requireName(name: string, parts: number): void {
  const all = name.split('/');
  if (all.length <= parts && all.every((part) => /^[A-Za-z0-9_@+-][A-Za-z0-9._@+-]*$/.test(part))) {
    return;
  }
  throw new HalliganError(
    'journal.file-name',
    'A file cannot be stored under this name.',
    'Use letters, digits and . _ @ + - only; no name begins with a dot.',
  );
}
