import { HalliganError, sameBytes } from '@halligan/format';
import { HASH_SIZE, MemoryTree, parseCheckpoint, parseNote } from '@halligan/tlog';
import type { Size } from './journal.ts';
import type { JournalFile } from './journal-file.ts';
import type { StoredCheckpoint, StoredRow } from './stored.ts';

/**
 * A range of a journal, hashed: what is left of it once its entries were read, 64 bytes an entry and 72 a checkpoint. It
 * may come from another thread.
 */
export interface HashedRange {
  readonly from: Size;
  readonly to: Size;
  /** Every complete subtree's hash in the tree over these entries alone, as `MemoryTree.of` takes them. */
  readonly levels: readonly Uint8Array<ArrayBuffer>[];
  readonly checkpoints: HashedCheckpoints;
}

/** The checkpoints that cover the journal up to somewhere in a range, in the order in which they are verified. */
interface HashedCheckpoints {
  /** How many of them lie in their own table; they come first. */
  readonly tabled: number;
  readonly sizes: Float64Array<ArrayBuffer>;
  /** 32 bytes each: the root that it names, and the root over those entries of the range that it covers. */
  readonly said: Uint8Array<ArrayBuffer>;
  readonly inside: Uint8Array<ArrayBuffer>;
}

/** Reads and hashes the entries of a range, and its checkpoints. @throws as {@link hashRange}, and what SQLite throws */
export function hashStoredRange(file: JournalFile, from: Size, to: Size): HashedRange {
  // What should not be there comes before the first entry, if anywhere.
  const before = from === 0 ? Number.MIN_SAFE_INTEGER : from;
  return file.snapshot(() =>
    hashRange(file.rows(before, to), file.tabledCheckpoints(before, to), from, to),
  );
}

/**
 * Hashes the entries of a range, one after the other, and keeps none of them.
 * @param rows the entries from `from` up to `to`, excluded
 * @param tabled the checkpoints in their own table of more than `from` entries, up to `to`; from none on, where `from` is 0
 * @throws `journal.corrupt` where one is missing or too much, or a checkpoint is not of the size under which it lies;
 *   `tlog.note-syntax`, `tlog.checkpoint-syntax`
 */
export function hashRange(
  rows: Iterable<StoredRow>,
  tabled: Iterable<StoredCheckpoint>,
  from: Size,
  to: Size,
): HashedRange {
  const tree = new MemoryTree();
  const beside: Said[] = [];
  for (const { entry, bytes, note } of rows) {
    if (entry !== from + tree.size) throw doubtful(`entry ${entry}`);
    tree.appendEntry(bytes);
    if (note !== null) beside.push(rootSaid({ size: entry + 1, note }));
  }
  if (tree.size !== to - from) throw doubtful(`entry ${from + tree.size}`);
  const first = Array.from(tabled, rootSaid);
  const all = [...first, ...beside];
  const said = new Uint8Array(all.length * HASH_SIZE);
  const inside = new Uint8Array(all.length * HASH_SIZE);
  for (const [at, { size, root }] of all.entries()) {
    said.set(root, at * HASH_SIZE);
    inside.set(tree.root(size - from), at * HASH_SIZE);
  }
  const sizes = Float64Array.from(all, ({ size }) => size);
  const checkpoints = { tabled: first.length, sizes, said, inside };
  return { from, to, levels: tree.levels(), checkpoints };
}

/**
 * Puts ranges together, in their order, and compares the tree with every checkpoint in them: says yes only where one thread
 * that reads all of it in order would.
 */
export class JoinedRanges {
  readonly tree = new MemoryTree();
  /** Whether a checkpoint lay beside its entry: of later ones none lies in the table. */
  #beside = false;
  /** Of the last checkpoint. */
  #size: Size = 0;

  /** @throws `journal.corrupt` where it does not go on from here, or a checkpoint has another root or place */
  join({ from, to, levels, checkpoints }: HashedRange): void {
    const { tree } = this;
    if (from !== tree.size) throw doubtful(`entry ${tree.size}`);
    const { tabled, sizes, said, inside } = checkpoints;
    if (tabled > 0 && this.#beside) throw doubtful('the order of checkpoints');
    for (const [at, size] of sizes.entries()) {
      if (size < this.#size) throw doubtful(`checkpoint ${size}`);
      const root = tree.rootBeside(size - from, hashAt(inside, at));
      if (!sameBytes(root, hashAt(said, at))) throw doubtful(`checkpoint ${size}`);
      this.#size = size;
    }
    this.#beside ||= sizes.length > tabled;
    tree.appendTree(MemoryTree.of(to - from, levels));
  }
}

interface Said {
  readonly size: Size;
  readonly root: Uint8Array;
}

function rootSaid(stored: StoredCheckpoint): Said {
  const { size, root } = parseCheckpoint(parseNote(stored.note).text);
  if (size !== stored.size) throw doubtful(`checkpoint ${stored.size}`);
  return { size, root };
}

function hashAt(hashes: Uint8Array, at: number): Uint8Array {
  return hashes.subarray(at * HASH_SIZE, (at + 1) * HASH_SIZE);
}

/** Whoever reads the journal in order finds what it is, and says so: {@link replay}. */
function doubtful(what: string): HalliganError {
  return new HalliganError(
    'journal.corrupt',
    `Something is wrong with ${what}.`,
    'Verify the journal in order.',
  );
}
