import { HalliganError, putSha256, sha256 } from '@halligan/format';

/** Bytes in every hash of the tree (SHA-256). */
export const HASH_SIZE = 32;

/** First byte of what is hashed for a leaf and for an inner node, so that neither can be passed off as the other (RFC 9162 section 2.1.1). */
const LEAF = 0x00;
const NODE = 0x01;

/** One buffer for every inner node: hashing is synchronous and does not keep its input, and appending is the hot path. */
const nodeInput = new Uint8Array(1 + 2 * HASH_SIZE);
nodeInput[0] = NODE;

/** The same for every entry as long as a log's entries get (65,535 bytes, C2SP tlog-tiles); a longer one has its own. */
const leafInput = new Uint8Array(1 + 65_535);

/** The hash of an entry: SHA-256(0x00 ‖ data), 32 bytes (RFC 6962 section 2.1). */
export function leafHash(data: Uint8Array): Uint8Array {
  return sha256(leafOf(data));
}

/** Puts {@link leafHash} into `hashes` from byte `at` on. */
export function putLeafHash(hashes: Uint8Array, at: number, data: Uint8Array): void {
  putSha256(hashes, at, leafOf(data));
}

/** What is hashed for an entry; until the next one is asked for. */
function leafOf(data: Uint8Array): Uint8Array {
  const size = 1 + data.length;
  const fits = size <= leafInput.length;
  const input = fits ? new Uint8Array(leafInput.buffer, 0, size) : new Uint8Array(size);
  input[0] = LEAF;
  input.set(data, 1);
  return input;
}

/**
 * The hash of an inner node: SHA-256(0x01 ‖ left ‖ right), 32 bytes (RFC 6962 section 2.1).
 * @throws `tlog.hash-size` where a child is not 32 bytes long: longer ones could shift the border between the two
 */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  requireHash(left);
  requireHash(right);
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_SIZE);
  return sha256(nodeInput);
}

/**
 * Puts {@link nodeHash} of two hashes that lie among others, without an object for any of the three.
 * @param hashes where it is put, from byte `at` on; it may be where one of the two was
 * @param left where the left one begins, in `lefts`; so `right`
 */
export function putNodeHash(
  hashes: Uint8Array,
  at: number,
  lefts: Uint8Array,
  left: number,
  rights: Uint8Array,
  right: number,
): void {
  for (let byte = 0; byte < HASH_SIZE; byte += 1) {
    nodeInput[1 + byte] = lefts[left + byte] ?? 0;
    nodeInput[1 + HASH_SIZE + byte] = rights[right + byte] ?? 0;
  }
  putSha256(hashes, at, nodeInput);
}

/** The root of the tree without leaves: SHA-256 of nothing (RFC 6962 section 2.1). A fresh copy each time. */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array(0));
}

/** @throws `tlog.hash-size` unless the hash is 32 bytes long */
export function requireHash(hash: Uint8Array): void {
  if (hash.length !== HASH_SIZE) {
    throw new HalliganError(
      'tlog.hash-size',
      `A hash of the tree has 32 bytes, this one has ${hash.length}.`,
      'Pass leaf hashes (leafHash of the entry), not the entries themselves.',
    );
  }
}
