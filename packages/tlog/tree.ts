import { HalliganError } from '@halligan/format';
import { emptyRoot, leafHash, nodeHash, requireHash } from './hash.ts';
import { requireSize } from './size.ts';

/** What is left to remember of a tree in order to append to it: `hashes` are the roots of its complete subtrees, largest first, one for each bit set in `size`. */
export type Frontier = { readonly size: number; readonly hashes: readonly Uint8Array[] };

/** The root over entries, in order (RFC 6962 section 2.1, MTH). @param leaves the entries' bytes, not their hashes */
export function rootHash(leaves: readonly Uint8Array[]): Uint8Array {
  const tree = new Tree();
  for (const leaf of leaves) tree.append(leafHash(leaf));
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
  readonly #hashes: Uint8Array[];

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
    this.#hashes = frontier.hashes.map((hash) => hash.slice());
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
    let hash: Uint8Array = leaf.slice();
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = this.#hashes.pop();
      if (left !== undefined) hash = nodeHash(left, hash);
    }
    this.#hashes.push(hash);
    this.#size += 1;
  }

  /** The root over all leaves so far. */
  root(): Uint8Array {
    return this.#hashes.length === 0
      ? emptyRoot()
      : this.#hashes.reduceRight((right, left) => nodeHash(left, right)).slice();
  }

  /** A copy of the right edge, to be stored and given back to the constructor. */
  frontier(): Frontier {
    return { size: this.#size, hashes: this.#hashes.map((hash) => hash.slice()) };
  }
}

function bitsSet(size: number): number {
  let bits = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
  return bits;
}
