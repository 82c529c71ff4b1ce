import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, HalliganError, hex, sameBytes, utf8 } from '@halligan/format';
import fc from 'fast-check';
import {
  emptyRoot,
  leafHash,
  MemoryTree,
  nodeHash,
  rootAt,
  rootHash,
  rootOfHashes,
  Tree,
} from './index.ts';

const code = (expected: string) => (error: unknown) =>
  error instanceof HalliganError && error.code === expected && error.hint !== '';

/** The eight entries with which Certificate Transparency's implementations test each other, and the roots of 0 to 8 of them. */
const entries = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map(fromHex);
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** MTH as RFC 6962 section 2.1 writes it down. */
function definition(leafHashes: readonly Uint8Array[]): Uint8Array {
  const [first] = leafHashes;
  if (first === undefined) return emptyRoot();
  if (leafHashes.length === 1) return first;
  let left = 1;
  while (left * 2 < leafHashes.length) left *= 2;
  return nodeHash(definition(leafHashes.slice(0, left)), definition(leafHashes.slice(left)));
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, at) => leafHash(utf8(`entry ${at}`)));

test('the roots of Certificate Transparency, by every way to a root', () => {
  const tree = new Tree();
  const memory = new MemoryTree();
  roots.forEach((root, size) => {
    const leaves = entries.slice(0, size);
    assert.equal(hex(rootHash(leaves)), root, `rootHash of ${size}`);
    assert.equal(hex(rootOfHashes(leaves.map(leafHash))), root, `rootOfHashes of ${size}`);
    assert.equal(hex(tree.root()), root, `Tree of ${size}`);
    assert.equal(hex(memory.root()), root, `MemoryTree of ${size}`);
    assert.equal(tree.size, size);
    assert.equal(memory.size, size);
    const next = entries[size];
    if (next !== undefined) {
      tree.append(leafHash(next));
      memory.append(leafHash(next));
    }
  });
  roots.forEach((root, size) => {
    assert.equal(hex(memory.root(size)), root, `earlier root of ${size}`);
  });
});

test('an entry is a leaf by its bytes as by its hash, however long it is', () => {
  const leaves = [
    ...entries,
    new Uint8Array(65_535).fill(7),
    new Uint8Array(65_536).fill(7),
    utf8('last'),
  ];
  const memory = new MemoryTree();
  const tree = new Tree();
  const byHash = new MemoryTree();
  for (const leaf of leaves) {
    memory.appendEntry(leaf);
    tree.appendEntry(leaf);
    byHash.append(leafHash(leaf));
    assert.equal(hex(memory.root()), hex(byHash.root()), `of ${memory.size}`);
    assert.equal(hex(tree.root()), hex(byHash.root()), `of ${memory.size}`);
  }
  leaves.forEach((leaf, index) => {
    assert.equal(hex(memory.node(0, index)), hex(leafHash(leaf)));
  });
  // What was handed out does not change when more is appended or asked.
  const root = memory.root();
  const before = hex(root);
  memory.appendEntry(utf8('more'));
  memory.root(3);
  assert.equal(hex(root), before);
});

test('every tree up to 200 leaves has the root that RFC 6962 defines, now and later', () => {
  const leaves = numbered(200);
  const tree = new Tree();
  const memory = new MemoryTree(leaves);
  leaves.forEach((leaf, at) => {
    tree.append(leaf);
    const expected = definition(leaves.slice(0, at + 1));
    assert.ok(sameBytes(tree.root(), expected), `Tree of ${at + 1}`);
    assert.ok(sameBytes(memory.root(at + 1), expected), `MemoryTree of ${at + 1}`);
  });
});

test('a tree continues from its stored frontier', () => {
  const leaves = numbered(70);
  for (let cut = 0; cut <= leaves.length; cut += 1) {
    const before = new Tree();
    for (const leaf of leaves.slice(0, cut)) before.append(leaf);
    const after = new Tree(before.frontier());
    for (const leaf of leaves.slice(cut)) after.append(leaf);
    assert.ok(sameBytes(after.root(), definition(leaves)), `cut at ${cut}`);
  }
});

test('what a tree hands out is a copy', () => {
  const leaves = numbered(5);
  const tree = new Tree();
  const memory = new MemoryTree(leaves);
  for (const leaf of leaves) tree.append(leaf);
  const expected = hex(memory.root());
  const given = tree.frontier();
  const again = new Tree(given);
  for (const hash of [
    ...given.hashes,
    tree.root(),
    memory.root(4),
    memory.node(2, 0),
    ...memory.inclusionProof(4),
    ...memory.consistencyProof(3),
  ]) {
    hash.fill(0);
  }
  assert.equal(hex(tree.root()), expected);
  assert.equal(hex(again.root()), expected);
  assert.equal(hex(memory.root()), expected);
  const single = new Tree({ size: 1, hashes: numbered(1) });
  single.root().fill(0);
  assert.equal(hex(single.root()), hex(leafHash(utf8('entry 0'))));
});

test('a failed commit is forgotten as if it had never been appended', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: 40 }), fc.nat({ max: 40 })), { maxLength: 8 }),
      (steps) => {
        const memory = new MemoryTree();
        const leaves: Uint8Array[] = [];
        let serial = 0;
        for (const [grow, shrink] of steps) {
          for (let at = 0; at < grow; at += 1) {
            serial += 1;
            const leaf = leafHash(utf8(`attempt ${serial}`));
            memory.append(leaf);
            leaves.push(leaf);
          }
          const size = Math.max(0, leaves.length - shrink);
          memory.truncate(size);
          leaves.length = size;
          assert.ok(sameBytes(memory.root(), definition(leaves)));
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('nodes are found at the coordinates of tlog-tiles, complete ones only', () => {
  const leaves = numbered(7);
  const memory = new MemoryTree(leaves);
  assert.ok(sameBytes(memory.node(0, 6), leaves[6] ?? emptyRoot()));
  assert.ok(sameBytes(memory.node(1, 2), definition(leaves.slice(4, 6))));
  assert.ok(sameBytes(memory.node(2, 0), definition(leaves.slice(0, 4))));
  for (const [level, index] of [
    [0, 7],
    [1, 3],
    [2, 1],
    [3, 0],
    [-1, 0],
    [0, -1],
    [0.5, 0],
    [54, 0],
  ] as const) {
    assert.throws(() => memory.node(level, index), code('tlog.range'), `${level}, ${index}`);
  }
  assert.ok(
    sameBytes(
      rootAt(7, (level, index) => memory.node(level, index)),
      memory.root(),
    ),
  );
});

test('a leaf and an inner node never hash alike', () => {
  const [left, right] = [leafHash(utf8('left')), leafHash(utf8('right'))];
  const both = new Uint8Array([...left, ...right]);
  assert.notEqual(hex(nodeHash(left, right)), hex(leafHash(both)));
});

test('hashes of another length are refused and leave the tree as it was', () => {
  const short = new Uint8Array(31);
  const long = new Uint8Array(33);
  const tree = new Tree();
  const memory = new MemoryTree();
  for (const wrong of [short, long, new Uint8Array(0)]) {
    assert.throws(() => nodeHash(wrong, emptyRoot()), code('tlog.hash-size'));
    assert.throws(() => nodeHash(emptyRoot(), wrong), code('tlog.hash-size'));
    assert.throws(() => tree.append(wrong), code('tlog.hash-size'));
    assert.throws(() => memory.append(wrong), code('tlog.hash-size'));
    assert.throws(() => rootOfHashes([wrong]), code('tlog.hash-size'));
    assert.throws(() => new Tree({ size: 1, hashes: [wrong] }), code('tlog.hash-size'));
  }
  assert.equal(tree.size + memory.size, 0);
});

test('sizes that no tree has are refused', () => {
  const memory = new MemoryTree(numbered(3));
  for (const size of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    assert.throws(() => memory.root(size), code('tlog.range'), String(size));
    assert.throws(() => memory.truncate(size), code('tlog.range'), String(size));
    assert.throws(() => new Tree({ size, hashes: [] }), code('tlog.range'), String(size));
  }
  assert.throws(() => memory.root(4), code('tlog.range'));
  assert.throws(() => memory.truncate(4), code('tlog.range'));
  assert.throws(() => new Tree({ size: 3, hashes: numbered(1) }), code('tlog.range'));
  const full = new Tree({ size: Number.MAX_SAFE_INTEGER, hashes: numbered(53) });
  assert.throws(() => full.append(emptyRoot()), code('tlog.range'));
  assert.equal(full.frontier().hashes.length, 53);
});
