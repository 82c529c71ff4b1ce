import { HalliganError, sameBytes } from '@halligan/format';
import { emptyRoot, HASH_SIZE, nodeHash } from './hash.ts';
import { requireSize } from './size.ts';

/** That a leaf is in a tree. `index` and `size` count leaves, hashes are 32 bytes, `proof` runs from the leaf up. */
export type Inclusion = {
  readonly leafHash: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
};

/** That a tree only grew. Sizes count leaves, hashes are 32 bytes. */
export type Consistency = {
  readonly size1: number;
  readonly size2: number;
  readonly proof: readonly Uint8Array[];
  readonly root1: Uint8Array;
  readonly root2: Uint8Array;
};

/**
 * Checks that the leaf at `index` is in the tree of `size` leaves with this root (RFC 9162 section 2.1.3.2).
 * Everything but the root may come from the attacker; the work is bounded by the size, not by the proof. The root
 * must come from a verified checkpoint of the same size: a size other than the root's own is not always noticed.
 * @throws `tlog.inclusion` where it is not proven, `tlog.range` where a number is none
 */
export function verifyInclusion({ leafHash, index, size, proof, root }: Inclusion): void {
  requireSize(index, 'index of the leaf');
  requireSize(size, 'size of the tree');
  if (index >= size) throw notIncluded('the tree ends before this leaf');
  if (!isHash(leafHash) || !proof.every(isHash)) throw notIncluded('a hash is not 32 bytes long');
  let node = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    if (last === 0) throw notIncluded('the proof is too long');
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sibling, hash);
      // A right edge without a sibling is carried up unchanged.
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  if (last !== 0) throw notIncluded('the proof is too short');
  if (!sameBytes(hash, root)) throw notIncluded('it leads to another root');
}

/**
 * Checks that the tree of `size2` leaves begins with the tree of `size1` leaves (RFC 9162 section 2.1.4.2). Of
 * equal sizes the roots must be equal, and of no leaves the root is known, so both take an empty proof. `root1`
 * must be one that was verified before and `root2` one that the log has signed: for equal ones nothing is hashed.
 * @throws `tlog.consistency` where it is not proven, `tlog.range` where a number is none
 */
export function verifyConsistency({ size1, size2, proof, root1, root2 }: Consistency): void {
  requireSize(size1, 'older size of the tree');
  requireSize(size2, 'newer size of the tree');
  if (size1 > size2) throw inconsistent('the log has shrunk');
  if (size1 === 0 && !sameBytes(root1, emptyRoot())) {
    throw inconsistent('the older root is not that of an empty tree');
  }
  if ((size1 === 0 || size1 === size2) && proof.length !== 0) {
    throw inconsistent('the proof is too long');
  }
  if (size1 === size2) {
    if (sameBytes(root1, root2)) return;
    throw inconsistent('one size has two roots: the log showed two histories');
  }
  if (!isHash(root1) || !isHash(root2) || !proof.every(isHash)) {
    throw inconsistent('a hash is not 32 bytes long');
  }
  if (size1 === 0) return;
  let node = size1 - 1;
  let last = size2 - 1;
  while (node % 2 === 1) {
    node = half(node);
    last = half(last);
  }
  // Where size1 is a power of two, its tree is itself a node of the newer tree, and the proof leaves it out.
  const [start, ...rest] = node === 0 ? [root1, ...proof] : proof;
  if (start === undefined) throw inconsistent('the proof is too short');
  let older = start;
  let newer = start;
  for (const sibling of rest) {
    if (last === 0) throw inconsistent('the proof is too long');
    if (node % 2 === 1 || node === last) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = half(last);
      }
    } else {
      newer = nodeHash(newer, sibling);
    }
    node = half(node);
    last = half(last);
  }
  if (last !== 0) throw inconsistent('the proof is too short');
  if (!sameBytes(older, root1)) throw inconsistent('it leads to another older root');
  if (!sameBytes(newer, root2)) throw inconsistent('it leads to another newer root');
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isHash(hash: Uint8Array): boolean {
  return hash.length === HASH_SIZE;
}

function notIncluded(why: string): HalliganError {
  return new HalliganError(
    'tlog.inclusion',
    `This entry is not proven to be in the log: ${why}.`,
    'Do not act on the entry. Ask for a new proof against a checkpoint that you verified.',
  );
}

function inconsistent(why: string): HalliganError {
  return new HalliganError(
    'tlog.consistency',
    `This log is not proven to have only grown: ${why}.`,
    'Keep both checkpoints: together they are the evidence if the log was rewritten.',
  );
}
