import { HalliganError } from '@halligan/format';
import { emptyRoot, nodeHash } from './hash.ts';
import { requireWithin } from './size.ts';

/**
 * Where stored hashes are read: the root of the complete subtree over the leaves from `index × 2^level` up to
 * `(index + 1) × 2^level` (the coordinates of C2SP tlog-tiles). Asked only for subtrees that are complete at the
 * size in question, O(log n) of them a call. The caller's answer becomes part of a proof as it is.
 */
export type NodeHashes = (level: number, index: number) => Uint8Array;

/** The root of the first `size` leaves. @throws `tlog.range` */
export function rootAt(size: number, hashes: NodeHashes): Uint8Array {
  requireWithin(size, Number.MAX_SAFE_INTEGER, 'size of the tree');
  return size === 0 ? emptyRoot() : rangeHash(0, size, hashes);
}

/**
 * Proves that the leaf at `index` is in the tree of `size` leaves (RFC 9162 section 2.1.3.1), from the leaf's
 * sibling up to the root's child.
 * @throws `tlog.range` unless index < size
 */
export function inclusionProof(index: number, size: number, hashes: NodeHashes): Uint8Array[] {
  requireWithin(size, Number.MAX_SAFE_INTEGER, 'size of the tree');
  if (size === 0) throw empty();
  requireWithin(index, size - 1, 'index of the leaf');
  const proof: Uint8Array[] = [];
  let begin = 0;
  let end = size;
  while (end - begin > 1) {
    const middle = begin + leftLeaves(end - begin);
    if (index < middle) {
      proof.push(rangeHash(middle, end, hashes));
      end = middle;
    } else {
      proof.push(rangeHash(begin, middle, hashes));
      begin = middle;
    }
  }
  return proof.reverse();
}

/**
 * Proves that the tree of `size1` leaves is a prefix of the tree of `size2` leaves (RFC 9162 section 2.1.4.1).
 * Empty where size1 is 0 or equals size2.
 * @throws `tlog.range` unless size1 ≤ size2
 */
export function consistencyProof(size1: number, size2: number, hashes: NodeHashes): Uint8Array[] {
  requireWithin(size2, Number.MAX_SAFE_INTEGER, 'newer size of the tree');
  requireWithin(size1, size2, 'older size of the tree');
  if (size1 === 0 || size1 === size2) return [];
  const proof: Uint8Array[] = [];
  let begin = 0;
  let end = size2;
  while (end !== size1) {
    const middle = begin + leftLeaves(end - begin);
    if (size1 <= middle) {
      proof.push(rangeHash(middle, end, hashes));
      end = middle;
    } else {
      proof.push(rangeHash(begin, middle, hashes));
      begin = middle;
    }
  }
  // The verifier knows the older root already; only a part of it has to be named.
  if (begin !== 0) proof.push(rangeHash(begin, end, hashes));
  return proof.reverse();
}

/** MTH(D[begin:end]), where begin is a multiple of the smallest power of two ≥ end − begin, as RFC 6962 splits ranges. */
function rangeHash(begin: number, end: number, hashes: NodeHashes): Uint8Array {
  const parts: Uint8Array[] = [];
  let from = begin;
  while (from < end) {
    const { level, leaves } = largestSubtree(end - from);
    parts.push(hashes(level, from / leaves));
    from += leaves;
  }
  return parts.reduceRight((right, left) => nodeHash(left, right));
}

/** The largest power of two ≤ count, and its exponent. */
function largestSubtree(count: number): { readonly level: number; readonly leaves: number } {
  let level = 0;
  let leaves = 1;
  while (leaves * 2 <= count) {
    leaves *= 2;
    level += 1;
  }
  return { level, leaves };
}

/** The largest power of two < count: how many leaves the left child has (RFC 6962 section 2.1). @param count at least 2 */
function leftLeaves(count: number): number {
  return largestSubtree(count - 1).leaves;
}

function empty(): HalliganError {
  return new HalliganError(
    'tlog.range',
    'The empty tree has no leaf to prove.',
    'Ask about a size of 1 or more.',
  );
}
