import { HalliganError, sameBytes } from '@halligan/format';
import { HASH_SIZE, MemoryTree } from '@halligan/tlog';
import type { Size } from './journal.ts';
import type { JournalFile } from './journal-file.ts';
import { SaidRoots } from './said-roots.ts';
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
  const roots = new SaidRoots();
  const first = [...tabled];
  const most = first.length + to - from;
  const said = Buffer.alloc(most * HASH_SIZE);
  const sizes = new Float64Array(most);
  let count = 0;
  const add = (checkpoint: StoredCheckpoint) => {
    roots.put(said, count * HASH_SIZE, checkpoint);
    sizes[count] = checkpoint.size;
    count += 1;
  };
  first.forEach(add);
  for (const { entry, bytes, note } of rows) {
    if (entry !== from + tree.size) throw doubtful(`entry ${entry}`);
    tree.appendEntry(bytes);
    if (note !== null) add({ size: entry + 1, note });
  }
  if (tree.size !== to - from) throw doubtful(`entry ${from + tree.size}`);
  const inside = new Uint8Array(count * HASH_SIZE);
  for (let at = 0; at < count; at += 1)
    inside.set(tree.root((sizes[at] ?? 0) - from), at * HASH_SIZE);
  const checkpoints = {
    tabled: first.length,
    sizes: sizes.slice(0, count),
    said: Uint8Array.from(said.subarray(0, count * HASH_SIZE)),
    inside,
  };
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
