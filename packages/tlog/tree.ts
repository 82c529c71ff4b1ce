import { HalliganError } from '@halligan/format';
import { emptyRoot, HASH_SIZE, nodeHash, putLeafHash, putNodeHash, requireHash } from './hash.ts';
import { requireSize } from './size.ts';

/** What is left to remember of a tree in order to append to it: `hashes` are the roots of its complete subtrees, largest first, one for each bit set in `size`. */
export type Frontier = { readonly size: number; readonly hashes: readonly Uint8Array[] };

/** A complete subtree for each bit of a size, and the leaf that makes one more of it. */
const MOST_HASHES = 54;

/** The root over entries, in order (RFC 6962 section 2.1, MTH). @param leaves the entries' bytes, not their hashes */
export function rootHash(leaves: readonly Uint8Array[]): Uint8Array {
  const tree = new Tree();
  for (const leaf of leaves) tree.appendEntry(leaf);
  return tree.root();
}

/** The root over leaf hashes, in order. @throws `tlog.hash-size` where one is not 32 bytes long */
export function rootOfHashes(leafHashes: Iterable<Uint8Array>): Uint8Array {
  const tree = new Tree();
  for (const hash of leafHashes) tree.append(hash);
  return tree.root();
}

/**
 * A tree that is only appended to and keeps only its right edge: at most 53 hashes, whatever its size. For one that
 * can also prove things about its leaves see {@link MemoryTree}.
 */
export class Tree {
  #size: number;
  /** The hashes of its right edge side by side, and room for one more. */
  readonly #edge = new Uint8Array(MOST_HASHES * HASH_SIZE);
  /** How many there are. */
  #hashes = 0;

  /** @throws `tlog.range` where the frontier's hashes do not fit its size, `tlog.hash-size` */
  constructor(frontier: Frontier = { size: 0, hashes: [] }) {
    requireSize(frontier.size, 'size of the tree');
    if (frontier.hashes.length !== bitsSet(frontier.size)) {
      throw new HalliganError(
        'tlog.range',
        `A tree of ${frontier.size} leaves has ${bitsSet(frontier.size)} complete subtrees, not ${frontier.hashes.length}.`,
        'The stored frontier is damaged: rebuild it from the entries.',
      );
    }
    for (const hash of frontier.hashes) requireHash(hash);
    this.#size = frontier.size;
    for (const hash of frontier.hashes) this.#push(hash);
  }

  /** Leaves appended so far. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds one leaf at the right: two hashes in the long run, 53 at most.
   * @throws `tlog.hash-size`, `tlog.range` where the tree is full (2^53 − 1); the tree is then unchanged
   */
  append(leaf: Uint8Array): void {
    requireHash(leaf);
    requireSize(this.#size + 1, 'size of the tree');
    this.#push(leaf);
    this.#grow();
  }

  /** {@link append} of an entry, by its bytes. @throws `tlog.range` */
  appendEntry(entry: Uint8Array): void {
    requireSize(this.#size + 1, 'size of the tree');
    putLeafHash(this.#edge, this.#hashes * HASH_SIZE, entry);
    this.#hashes += 1;
    this.#grow();
  }

  /** The root over all leaves so far. */
  root(): Uint8Array {
    const { hashes } = this.frontier();
    return hashes.length === 0
      ? emptyRoot()
      : hashes.reduceRight((right, left) => nodeHash(left, right));
  }

  /** A copy of the right edge, to be stored and given back to the constructor. */
  frontier(): Frontier {
    const hashes = Array.from({ length: this.#hashes }, (_, at) =>
      this.#edge.slice(at * HASH_SIZE, (at + 1) * HASH_SIZE),
    );
    return { size: this.#size, hashes };
  }

  #push(hash: Uint8Array): void {
    this.#edge.set(hash, this.#hashes * HASH_SIZE);
    this.#hashes += 1;
  }

  /** The last two subtrees become one for as long as they are of one size. */
  #grow(): void {
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      this.#hashes -= 1;
      const left = (this.#hashes - 1) * HASH_SIZE;
      putNodeHash(this.#edge, left, this.#edge, left, this.#edge, left + HASH_SIZE);
    }
    this.#size += 1;
  }
}

function bitsSet(size: number): number {
  let bits = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
  return bits;
}
