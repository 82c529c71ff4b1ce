import { createHash } from 'node:crypto';
import { access, link, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError, hex, sha256 } from '@halligan/format';
import type { Ballast } from './ballast.ts';
import { removeUnfinished, withRoom, writeFileDurably } from './durable.ts';
import { prepareFolder, syncFolder, systemCode } from './folder.ts';

/**
 * A folder of byte strings named by their SHA-256. It stores what it is given: whoever puts something in has
 * encrypted it, and the name is that of the ciphertext. It trusts neither the disk nor whoever else can write to it.
 */
export class BlobStore {
  readonly #folder: string;
  readonly #ballast: Ballast | undefined;

  private constructor(folder: string, ballast: Ballast | undefined) {
    this.#folder = folder;
    this.#ballast = ballast;
  }

  /**
   * Opens a store, making its folder where there is none, for the one process that writes to it (the holder of the
   * journal's lock). @param ballast spent, once, where the disk is full
   * @throws `journal.read-only`, `journal.folder`
   */
  static async open(folder: string, ballast?: Ballast): Promise<BlobStore> {
    prepareFolder(folder);
    await removeUnfinished(folder);
    return new BlobStore(folder, ballast);
  }

  /**
   * Stores bytes and resolves to their name, 64 hexadecimal digits, once they are durable. Storing them again
   * changes nothing, and repairs a copy that was damaged.
   */
  async put(bytes: Uint8Array): Promise<string> {
    const stored = bytes.slice();
    const name = hex(sha256(stored));
    if (await this.#isWhole(name)) {
      // Perhaps another call is just between its rename and its sync.
      syncFolder(this.#folder);
    } else {
      await withRoom(this.#ballast, () => writeFileDurably(join(this.#folder, name), stored));
    }
    return name;
  }

  /** The bytes of a name, verified. @throws `journal.blob-missing`, `journal.blob-damaged` */
  async get(name: string): Promise<Uint8Array> {
    const bytes = await this.#read(requireName(name));
    if (hex(sha256(bytes)) !== name) throw damaged(name);
    return bytes;
  }

  /**
   * The bytes of a name as they lie on the disk, not verified: for what is too large to hold, and whose reader verifies it.
   * @throws `journal.blob-missing`
   */
  async stream(name: string): Promise<AsyncIterable<Uint8Array>> {
    return streamOf(this.#folder, name);
  }

  /**
   * Takes in a durable file of the same file system, which stays where it is as well. Costs no space.
   * @param name SHA-256 of its bytes, computed while they were written
   */
  async adopt(path: string, name: string): Promise<void> {
    try {
      await link(path, join(this.#folder, requireName(name)));
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
    syncFolder(this.#folder);
  }

  /** Whether there is a copy, without reading it. */
  async has(name: string): Promise<boolean> {
    try {
      await access(join(this.#folder, requireName(name)));
      return true;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    }
  }

  /** Removes bytes; removing what is not there changes nothing. Copies elsewhere, as in backups, stay. */
  async remove(name: string): Promise<void> {
    await rm(join(this.#folder, requireName(name)), { force: true });
    syncFolder(this.#folder);
  }

  async #isWhole(name: string): Promise<boolean> {
    if (!(await this.has(name))) return false;
    return hex(sha256(await this.#read(name))) === name;
  }

  async #read(name: string): Promise<Uint8Array> {
    try {
      return new Uint8Array(await readFile(join(this.#folder, name)));
    } catch (cause) {
      if (systemCode(cause) !== 'ENOENT') throw cause;
      throw missing(name, cause);
    }
  }
}

/**
 * Whether the store in a folder has the bytes of a name as they were stored. Changes nothing, holds one chunk at a time,
 * and may run beside the process that writes. @throws `journal.blob-missing`, `journal.blob-damaged`
 */
export async function verifyBlob(folder: string, name: string): Promise<void> {
  const hash = createHash('sha256');
  for await (const chunk of await streamOf(folder, name)) hash.update(chunk);
  if (hash.digest('hex') !== name) throw damaged(name);
}

async function streamOf(folder: string, name: string): Promise<AsyncIterable<Uint8Array>> {
  try {
    const file = await open(join(folder, requireName(name)));
    return file.createReadStream();
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') throw cause;
    throw missing(name, cause);
  }
}

/** Names arrive from outside and become paths. @throws `journal.blob-missing`: nothing is stored under any other kind of name */
function requireName(name: string): string {
  if (/^[0-9a-f]{64}$/.test(name)) return name;
  throw missing('a name that is no digest');
}

function damaged(name: string): HalliganError {
  return new HalliganError(
    'journal.blob-damaged',
    `The stored copy of ${name} is not what was stored.`,
    'Restore this file from a backup, or store the original again: that repairs it.',
  );
}

function missing(name: string, cause?: unknown): HalliganError {
  return new HalliganError(
    'journal.blob-missing',
    `Nothing is stored under ${name}.`,
    'Restore the blobs from the same backup as the journal.',
    { cause },
  );
}
