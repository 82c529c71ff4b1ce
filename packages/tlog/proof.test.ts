import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, HalliganError, hex, utf8 } from '@halligan/format';
import fc from 'fast-check';
import {
  type Consistency,
  consistencyProof,
  emptyRoot,
  type Inclusion,
  inclusionProof,
  leafHash,
  MemoryTree,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from './index.ts';

const SIZES = 64;
const tree = new MemoryTree(
  Array.from({ length: SIZES }, (_, at) => leafHash(utf8(`entry ${at}`))),
);

const code = (expected: string) => (error: unknown) =>
  error instanceof HalliganError && error.code === expected && error.hint !== '';

function inclusion(index: number, size: number): Inclusion {
  return {
    leafHash: tree.node(0, index),
    index,
    size,
    proof: tree.inclusionProof(index, size),
    root: tree.root(size),
  };
}

function consistency(size1: number, size2: number): Consistency {
  return {
    size1,
    size2,
    proof: tree.consistencyProof(size1, size2),
    root1: tree.root(size1),
    root2: tree.root(size2),
  };
}

const refusedInclusion = (claim: Inclusion, why: string) =>
  assert.throws(
    () => verifyInclusion(claim),
    code('tlog.inclusion'),
    `${claim.index} of ${claim.size}: ${why}`,
  );
const refusedConsistency = (claim: Consistency, why: string) =>
  assert.throws(
    () => verifyConsistency(claim),
    code('tlog.consistency'),
    `${claim.size1} to ${claim.size2}: ${why}`,
  );

/** A copy in which one bit is another. */
function flipped(hash: Uint8Array, bit: number): Uint8Array {
  return hash.map((byte, at) => (at === Math.floor(bit / 8) ? byte ^ (1 << (bit % 8)) : byte));
}

/** Every proof that differs from this one in one hash's one bit, lacks a hash, or has one more. */
function* tampered(proof: readonly Uint8Array[], bits: readonly number[]) {
  for (const [at, hash] of proof.entries()) {
    for (const bit of bits) yield proof.with(at, flipped(hash, bit));
    yield proof.toSpliced(at, 1);
    yield proof.toSpliced(at, 0, hash);
    yield proof.with(at, hash.subarray(1));
    yield proof.with(at, new Uint8Array([...hash, 0]));
  }
  yield [...proof, emptyRoot()];
  yield [emptyRoot(), ...proof];
  if (proof.length > 1) yield proof.toReversed();
}

const everyBit = Array.from({ length: 256 }, (_, bit) => bit);

test('the proofs of Certificate Transparency', () => {
  const entries = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657'];
  const ct = new MemoryTree(
    [...entries, '606162636465666768696a6b6c6d6e6f'].map((entry) => leafHash(fromHex(entry))),
  );
  const leaf1 = '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d';
  const leaf2 = '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7';
  const leaf5 = 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b';
  const leaves1to2 = 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125';
  const leaves3to4 = '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e';
  const leaves1to4 = 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7';
  const leaves5to6 = '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a';
  const leaves7to8 = 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0';
  const leaves5to8 = '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4';
  for (const [index, size, expected] of [
    [0, 1, []],
    [0, 8, [leaf2, leaves3to4, leaves5to8]],
    [5, 8, [leaf5, leaves7to8, leaves1to4]],
    [2, 3, [leaves1to2]],
    [1, 5, [leaf1, leaves3to4, leaf5]],
  ] as const) {
    assert.deepEqual(ct.inclusionProof(index, size).map(hex), expected, `${index} of ${size}`);
  }
  for (const [size1, size2, expected] of [
    [1, 1, []],
    [1, 8, [leaf2, leaves3to4, leaves5to8]],
    [6, 8, [leaves5to6, leaves7to8, leaves1to4]],
    [2, 5, [leaves3to4, leaf5]],
  ] as const) {
    assert.deepEqual(ct.consistencyProof(size1, size2).map(hex), expected, `${size1} to ${size2}`);
  }
});

test('every leaf of every tree up to 64 leaves is proven, and nothing else with its proof', () => {
  for (let size = 1; size <= SIZES; size += 1) {
    for (let index = 0; index < size; index += 1) {
      const claim = inclusion(index, size);
      verifyInclusion(claim);
      const bits = [(index * 7) % 256, 255 - size];
      for (const proof of tampered(claim.proof, bits)) {
        refusedInclusion({ ...claim, proof }, 'another proof');
      }
      for (const bit of bits) {
        refusedInclusion({ ...claim, leafHash: flipped(claim.leafHash, bit) }, 'another leaf');
        refusedInclusion({ ...claim, root: flipped(claim.root, bit) }, 'another root');
      }
      for (let other = 0; other <= size; other += 1) {
        if (other !== index) refusedInclusion({ ...claim, index: other }, `at ${other}`);
      }
      for (const other of [size - 1, size + 1, size * 2].filter((n) => n > index && n <= SIZES)) {
        refusedInclusion({ ...claim, size: other, root: tree.root(other) }, `in ${other}`);
      }
    }
  }
});

test('every pair of trees up to 64 leaves is proven, and nothing else with its proof', () => {
  for (let size2 = 0; size2 <= SIZES; size2 += 1) {
    for (let size1 = 0; size1 <= size2; size1 += 1) {
      const claim = consistency(size1, size2);
      verifyConsistency(claim);
      const bits = [(size1 * 5) % 256, 255 - size2];
      for (const proof of tampered(claim.proof, bits)) {
        refusedConsistency({ ...claim, proof }, 'another proof');
      }
      for (const bit of bits) {
        refusedConsistency({ ...claim, root1: flipped(claim.root1, bit) }, 'another older root');
        // Every tree begins with the empty one.
        if (size1 !== 0) {
          refusedConsistency({ ...claim, root2: flipped(claim.root2, bit) }, 'another newer root');
        }
      }
      if (size1 < size2) {
        refusedConsistency({ ...claim, size1: size2, size2: size1 }, 'shrunk');
        if (size1 > 0) {
          refusedConsistency({ ...claim, size1: size1 - 1, root1: tree.root(size1 - 1) }, 'older');
          const later = size1 + 1;
          refusedConsistency({ ...claim, size1: later, root1: tree.root(later) }, 'newer');
        }
      }
    }
  }
});

test('each single bit of a proof counts', () => {
  for (const [index, size] of [
    [0, 8],
    [10, 11],
    [37, 64],
  ] as const) {
    const claim = inclusion(index, size);
    for (const proof of tampered(claim.proof, everyBit)) refusedInclusion({ ...claim, proof }, '');
    for (const bit of everyBit) {
      refusedInclusion({ ...claim, leafHash: flipped(claim.leafHash, bit) }, '');
      refusedInclusion({ ...claim, root: flipped(claim.root, bit) }, '');
    }
  }
  for (const [size1, size2] of [
    [4, 8],
    [7, 11],
    [37, 64],
  ] as const) {
    const claim = consistency(size1, size2);
    for (const proof of tampered(claim.proof, everyBit))
      refusedConsistency({ ...claim, proof }, '');
    for (const bit of everyBit) {
      refusedConsistency({ ...claim, root1: flipped(claim.root1, bit) }, '');
      refusedConsistency({ ...claim, root2: flipped(claim.root2, bit) }, '');
    }
  }
});

test('a rewritten entry cannot be hidden', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.nat({ max: 24 }),
      fc.nat(),
      (size1, more, at) => {
        const changed = at % size1;
        const leaves = Array.from({ length: size1 + more }, (_, index) => tree.node(0, index));
        const honest = new MemoryTree(leaves.slice(0, size1));
        const rewritten = new MemoryTree(leaves.with(changed, leafHash(utf8('rewritten'))));
        const size2 = rewritten.size;
        for (const from of [rewritten, new MemoryTree(leaves)]) {
          const proof = from.consistencyProof(size1, size2);
          const [root1, root2] = [honest.root(), rewritten.root()];
          refusedConsistency({ size1, size2, proof, root1, root2 }, `entry ${changed} rewritten`);
        }
      },
    ),
  );
});

test('the empty tree is the beginning of every tree, and says so with its own root', () => {
  const root2 = tree.root(9);
  verifyConsistency({ size1: 0, size2: 9, proof: [], root1: emptyRoot(), root2 });
  verifyConsistency({ size1: 0, size2: 0, proof: [], root1: emptyRoot(), root2: emptyRoot() });
  refusedConsistency({ size1: 0, size2: 9, proof: [], root1: root2, root2 }, 'not empty');
  refusedConsistency({ size1: 0, size2: 0, proof: [], root1: root2, root2 }, 'not empty');
  refusedConsistency({ ...consistency(0, 9), proof: [root2] }, 'proof of nothing');
  refusedConsistency({ ...consistency(9, 9), proof: [root2] }, 'proof of nothing');
  refusedConsistency({ ...consistency(9, 9), root2: tree.root(8) }, 'two histories');
  refusedConsistency({ ...consistency(0, 9), root2: root2.subarray(1) }, 'not a root');
});

test('a proof for a larger tree is too long for a smaller one, though the hashes lead to the root', () => {
  const { leafHash: leaf, proof, root } = inclusion(1, 2);
  refusedInclusion({ leafHash: leaf, index: 0, size: 1, proof, root }, 'size 2 called 1');
  refusedConsistency({ ...consistency(7, 8), size1: 3, size2: 4 }, 'sizes 7 and 8 called 3 and 4');
});

/** A tree too large to hold, all of whose leaves are alike: a complete subtree's hash depends on its level alone. */
const alike = (() => {
  const levels = [leafHash(utf8('the same again'))];
  for (const below of levels) {
    if (levels.length <= 53) levels.push(nodeHash(below, below));
  }
  return (level: number) => levels[level] ?? emptyRoot();
})();

test('proofs stay exact beyond 32 bits, up to 2^53 − 1 leaves', () => {
  const sizes = [2 ** 31, 2 ** 32 + 1, 2 ** 40 - 3, 2 ** 52 + 12345, Number.MAX_SAFE_INTEGER];
  for (const size of sizes) {
    const rootOf = (leaves: number) => {
      // The proof of the last leaf of `leaves` names everything else: folding it gives the root without rootAt.
      let root = alike(0);
      for (const left of inclusionProof(leaves - 1, leaves, alike)) root = nodeHash(left, root);
      return root;
    };
    const root = rootOf(size);
    for (const index of [0, 1, 2 ** 30, size / 2, size - 2, size - 1].map(Math.floor)) {
      const proof = inclusionProof(index, size, alike);
      assert.ok(proof.length <= 53);
      verifyInclusion({ leafHash: alike(0), index, size, proof, root });
      const wrong = proof.with(0, emptyRoot());
      refusedInclusion({ leafHash: alike(0), index, size, proof: wrong, root }, 'altered');
    }
    for (const size1 of [1, 3, 2 ** 30, Math.floor(size / 3), size - 1]) {
      const proof = consistencyProof(size1, size, alike);
      verifyConsistency({ size1, size2: size, proof, root1: rootOf(size1), root2: root });
    }
  }
});

test('numbers that are no sizes are refused before anything is hashed', () => {
  for (const number of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    for (const claim of [
      { ...inclusion(1, 3), index: number },
      { ...inclusion(1, 3), size: number },
    ]) {
      assert.throws(() => verifyInclusion(claim), code('tlog.range'));
    }
    for (const claim of [
      { ...consistency(1, 3), size1: number },
      { ...consistency(1, 3), size2: number },
    ]) {
      assert.throws(() => verifyConsistency(claim), code('tlog.range'));
    }
    assert.throws(() => tree.inclusionProof(number), code('tlog.range'));
    assert.throws(() => tree.inclusionProof(0, number), code('tlog.range'));
    assert.throws(() => tree.consistencyProof(number), code('tlog.range'));
    assert.throws(() => tree.consistencyProof(0, number), code('tlog.range'));
  }
  assert.throws(() => tree.inclusionProof(0, 0), code('tlog.range'));
  assert.throws(() => tree.inclusionProof(5, 5), code('tlog.range'));
  assert.throws(() => tree.inclusionProof(0, SIZES + 1), code('tlog.range'));
  assert.throws(() => tree.consistencyProof(6, 5), code('tlog.range'));
  assert.throws(() => tree.consistencyProof(6, SIZES + 1), code('tlog.range'));
});

test('no proof, however odd, makes the verifiers fail in another way', () => {
  const number = fc.oneof(fc.nat({ max: 70 }), fc.double(), fc.maxSafeInteger());
  const hash = fc.oneof(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.uint8Array({ maxLength: 40 }),
  );
  fc.assert(
    fc.property(
      number,
      number,
      fc.array(hash, { maxLength: 60 }),
      hash,
      hash,
      (a, b, proof, x, y) => {
        for (const attempt of [
          () => verifyInclusion({ leafHash: x, index: a, size: b, proof, root: y }),
          () => verifyConsistency({ size1: a, size2: b, proof, root1: x, root2: y }),
        ]) {
          try {
            attempt();
          } catch (error) {
            if (!(error instanceof HalliganError)) throw error;
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});
