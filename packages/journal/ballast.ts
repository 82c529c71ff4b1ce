import {
  closeSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { exists, syncFolder } from './folder.ts';

const CHUNK = new Uint8Array(1 << 20);

/**
 * A file of zeros that stands for space. When the disk is full it is deleted, and what must still be written
 * (blobs, seals, the log of a journal that restarts) takes its place.
 */
export class Ballast {
  readonly #path: string;
  readonly #bytes: number;

  /** @param bytes its size; 0 keeps none and asks for none */
  constructor(path: string, bytes = 16 << 20) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /** Whether it is there, whole; one of 0 bytes always is. */
  get held(): boolean {
    if (this.#bytes === 0) return true;
    return statSync(this.#path, { throwIfNoEntry: false })?.size === this.#bytes;
  }

  /** Puts it there, unless the disk is too full for that. Returns whether it is held. */
  hold(): boolean {
    if (this.held) return true;
    if (freeBytes(dirname(this.#path)) < 4 * this.#bytes) return false;
    const path = `${this.#path}.new`;
    try {
      const file = openSync(path, 'w', 0o600);
      try {
        for (let at = 0; at < this.#bytes; at += CHUNK.length) {
          writeSync(file, CHUNK, 0, Math.min(CHUNK.length, this.#bytes - at));
        }
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(path, this.#path);
      return true;
    } catch {
      // A ballast is a precaution: without one the journal works as long as there is space.
      rmSync(path, { force: true });
      return false;
    }
  }

  /** Gives its space away. Returns whether there was any. */
  spend(): boolean {
    if (!exists(this.#path)) return false;
    rmSync(this.#path, { force: true });
    syncFolder(dirname(this.#path));
    return true;
  }
}

/** Bytes that an ordinary user can still write to the file system of a folder. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
