import { emptyRoot, HASH_SIZE, putLeafHash, putNodeHash, requireHash } from './hash.ts';
import { consistencyProof, inclusionProof } from './proving.ts';
import { requireSize, requireWithin } from './size.ts';

/**
 * A tree that can prove: it keeps the hash of every complete subtree, 64 bytes a leaf in all, one growing array a
 * level, so that appending leaves no objects behind and every proof takes O(log n). What it holds can be
 * rebuilt from the leaf hashes alone.
 */
export class MemoryTree {
  #size = 0;
  /** `#levels[l]` holds node (l, i) at byte 32 × i. Bytes beyond what `#size` implies are left over and mean nothing. */
  readonly #levels: Uint8Array[] = [];

  /** @param leafHashes leaves to begin with @throws `tlog.hash-size` */
  constructor(leafHashes: Iterable<Uint8Array> = []) {
    for (const hash of leafHashes) this.append(hash);
  }

  /**
   * A tree from its nodes as `node` gave them: `levels[l]` holds node (l, i) at byte 32 × i, every complete subtree of
   * `size` leaves. They become the tree's own, uncopied. Nothing is hashed: compare its root with one that is signed,
   * and its leaves with what they are of.
   * @throws `tlog.range` where the levels are not those of a tree of that size
   */
  static of(size: number, levels: readonly Uint8Array[]): MemoryTree {
    requireSize(size, 'size of the tree');
    const tree = new MemoryTree();
    for (let level = 0; 2 ** level <= size; level += 1) {
      const nodes = levels[level] ?? new Uint8Array(0);
      requireWithin(Math.floor(size / 2 ** level), nodes.length / HASH_SIZE, 'nodes of a level');
      // A Buffer’s slice would be a view of what may change.
      tree.#levels[level] = new Uint8Array(nodes.buffer, nodes.byteOffset, nodes.length);
    }
    tree.#size = size;
    return tree;
  }

  /** Leaves appended so far. */
  get size(): number {
    return this.#size;
  }

  /** Adds one leaf at the right. @throws `tlog.hash-size`; the tree is then unchanged */
  append(leafHash: Uint8Array): void {
    requireHash(leafHash);
    this.#room(0, this.#size).set(leafHash, this.#size * HASH_SIZE);
    this.#grow();
  }

  /** {@link append} of an entry, by its bytes. */
  appendEntry(entry: Uint8Array): void {
    putLeafHash(this.#room(0, this.#size), this.#size * HASH_SIZE, entry);
    this.#grow();
  }

  /**
   * Adds another tree's leaves at the right, as if each were appended, and takes over the nodes that it has already: after
   * a multiple of a power of two of leaves, a tree of up to as many costs a hash or two.
   */
  appendTree(right: MemoryTree): void {
    const size = this.#size + right.#size;
    requireSize(size, 'size of the tree');
    for (let level = 0; 2 ** level <= size; level += 1) {
      const [first, end] = [this.#size, size].map((leaves) => Math.floor(leaves / 2 ** level));
      if (first === undefined || end === undefined || first === end) continue;
      const nodes = this.#room(level, end - 1);
      if (this.#size % 2 ** level === 0) {
        nodes.set(right.#level(level).subarray(0, (end - first) * HASH_SIZE), first * HASH_SIZE);
        continue;
      }
      const below = this.#level(level - 1);
      for (let index = first; index < end; index += 1) {
        const left = 2 * index * HASH_SIZE;
        putNodeHash(nodes, index * HASH_SIZE, below, left, below, left + HASH_SIZE);
      }
    }
    this.#size = size;
  }

  /** Forgets the leaves from `size` on, in O(1): for a writer whose commit failed. @throws `tlog.range` */
  truncate(size: number): void {
    requireWithin(size, this.#size, 'size of the tree');
    this.#size = size;
  }

  /** A copy of the root of the complete subtree `index` of 2^level leaves; level 0 are the leaf hashes. @throws `tlog.range` */
  node(level: number, index: number): Uint8Array {
    requireWithin(level, 53, 'level of the node');
    requireWithin(index, Math.floor(this.#size / 2 ** level) - 1, 'index of the node');
    return this.#node(level, index);
  }

  /** The root of the first `size` leaves, of all by default. @throws `tlog.range` */
  root(size = this.#size): Uint8Array {
    requireWithin(size, this.#size, 'size of the tree');
    // From the smallest complete subtree at the right edge to the largest: who verifies a journal asks at every checkpoint.
    let root: Uint8Array | undefined;
    let leaves = size;
    for (let level = 0; leaves > 0; level += 1) {
      if (leaves % 2 === 1) {
        if (root === undefined) root = this.#node(level, leaves - 1);
        else putNodeHash(root, 0, this.#level(level), (leaves - 1) * HASH_SIZE, root, 0);
      }
      leaves = Math.floor(leaves / 2);
    }
    return root ?? emptyRoot();
  }

  /**
   * The root of these leaves and some more at the right of them, of which only their own root is known. Nothing is appended.
   * @param leaves how many more: at most 2^n, where the leaves here are a multiple of that
   * @param right the root over them alone
   * @throws `tlog.range` where there are more, for their root is then no part of the whole; `tlog.hash-size`
   */
  rootBeside(leaves: number, right: Uint8Array): Uint8Array {
    requireHash(right);
    requireSize(leaves, 'number of leaves');
    if (leaves === 0) return this.root();
    const root = right.slice();
    let left = this.#size;
    for (let level = 0; left > 0; level += 1) {
      if (left % 2 === 1) {
        requireWithin(leaves, 2 ** level, 'number of leaves');
        putNodeHash(root, 0, this.#level(level), (left - 1) * HASH_SIZE, root, 0);
      }
      left = Math.floor(left / 2);
    }
    return root;
  }

  /** Its nodes, as {@link MemoryTree.of} takes them: copies, no larger than they must be. */
  levels(): readonly Uint8Array<ArrayBuffer>[] {
    const all: Uint8Array<ArrayBuffer>[] = [];
    for (let level = 0; 2 ** level <= this.#size; level += 1)
      all.push(this.#level(level).slice(0, Math.floor(this.#size / 2 ** level) * HASH_SIZE));
    return all;
  }

  /** Proves the leaf at `index` to whoever holds the root of `size` leaves. @throws `tlog.range` */
  inclusionProof(index: number, size = this.#size): Uint8Array[] {
    requireWithin(size, this.#size, 'size of the tree');
    return inclusionProof(index, size, this.#node);
  }

  /** Proves to whoever holds the root of `size1` leaves that `size2` leaves only added to them. @throws `tlog.range` */
  consistencyProof(size1: number, size2 = this.#size): Uint8Array[] {
    requireWithin(size2, this.#size, 'newer size of the tree');
    return consistencyProof(size1, size2, this.#node);
  }

  readonly #node = (level: number, index: number): Uint8Array =>
    this.#level(level).slice(index * HASH_SIZE, (index + 1) * HASH_SIZE);

  #level(level: number): Uint8Array {
    return this.#levels[level] ?? new Uint8Array(0);
  }

  /** The leaf after the last one is there: it counts, and completes subtrees. */
  #grow(): void {
    let index = this.#size;
    let nodes = this.#level(0);
    for (let level = 1; index % 2 === 1; level += 1) {
      const left = (index - 1) * HASH_SIZE;
      index = (index - 1) / 2;
      const above = this.#room(level, index);
      putNodeHash(above, index * HASH_SIZE, nodes, left, nodes, left + HASH_SIZE);
      nodes = above;
    }
    this.#size += 1;
  }

  /** A level's array, with room for the node at `index`. */
  #room(level: number, index: number): Uint8Array {
    const nodes = this.#level(level);
    if (index * HASH_SIZE < nodes.length) return nodes;
    const larger = new Uint8Array(
      Math.max(2 * nodes.length, 32 * HASH_SIZE, (index + 1) * HASH_SIZE),
    );
    larger.set(nodes);
    this.#levels[level] = larger;
    return larger;
  }
}
