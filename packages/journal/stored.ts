import type { Size } from './journal.ts';
import { corrupt } from './storage-error.ts';

/** A row of the entries. */
export interface StoredEntry {
  readonly entry: Size;
  readonly bytes: Uint8Array;
}

/** A row of the entries, whole. */
export interface StoredRow extends StoredEntry {
  /** The checkpoint that lies beside it. */
  readonly note: string | null;
}

/** A checkpoint, in whichever table it lies. */
export interface StoredCheckpoint {
  readonly size: Size;
  readonly note: string;
}

/** What SQLite gives, by the names or the numbers of its columns. */
type Row = Readonly<Record<string, unknown>>;

/** @throws `journal.corrupt` */
export function storedEntry(folder: string, { entry, bytes }: Row): StoredEntry {
  if (typeof entry !== 'number' || !(bytes instanceof Uint8Array))
    throw corrupt(folder, 'A row of its entries is not one.');
  return { entry, bytes };
}

/** @throws `journal.corrupt` */
export function storedCheckpoint(folder: string, { size, note }: Row): StoredCheckpoint {
  if (typeof size !== 'number' || typeof note !== 'string')
    throw corrupt(folder, 'A row of its checkpoints is not one.');
  return { size, note };
}

/** Of a row that came as an array: its entry, bytes and checkpoint. @throws `journal.corrupt` */
export function storedRow(folder: string, { 0: entry, 1: bytes, 2: note }: Row): StoredRow {
  if (typeof entry !== 'number' || !(bytes instanceof Uint8Array))
    throw corrupt(folder, 'A row of its entries is not one.');
  if (note !== null && typeof note !== 'string')
    throw corrupt(folder, 'A row of its checkpoints is not one.');
  return { entry, bytes, note };
}
