/** Trees that are put together from trees, as several threads hash a journal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HalliganError, hex, utf8 } from '@halligan/format';
import fc from 'fast-check';
import { emptyRoot, leafHash, MemoryTree } from './index.ts';

const LEAVES = Array.from({ length: 600 }, (_, at) => leafHash(utf8(`entry ${at}`)));

/** One leaf after the other, as a journal grows. */
const grown = (from: number, to: number) => new MemoryTree(LEAVES.slice(from, to));

/** Every complete subtree's hash and every root. */
function everything(tree: MemoryTree): readonly string[] {
  const all: string[] = [];
  for (let size = 0; size <= tree.size; size += 1) all.push(hex(tree.root(size)));
  for (let level = 0; 2 ** level <= tree.size; level += 1)
    for (let index = 0; (index + 1) * 2 ** level <= tree.size; index += 1)
      all.push(hex(tree.node(level, index)));
  return all;
}

const code = (expected: string) => (error: unknown) =>
  error instanceof HalliganError && error.code === expected && error.hint !== '';

test('trees side by side are the tree over all their leaves, wherever it was cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 140 }), { maxLength: 4 }),
      fc.nat({ max: 140 }),
      (parts, forgotten) => {
        const tree = new MemoryTree();
        for (const part of parts) {
          // Room that was used before holds nodes of leaves that are forgotten.
          const size = tree.size;
          for (const leaf of LEAVES.slice(0, forgotten)) tree.append(leaf);
          tree.truncate(size);
          tree.appendTree(grown(size, size + part));
        }
        assert.deepEqual(everything(tree), everything(grown(0, tree.size)));
        tree.append(emptyRoot());
        const next = grown(0, tree.size - 1);
        next.append(emptyRoot());
        assert.equal(hex(tree.root()), hex(next.root()));
      },
    ),
    { numRuns: 60 },
  );
});

test('and so in parts of every power of two', () => {
  for (const width of [1, 2, 4, 8, 64, 256]) {
    const tree = new MemoryTree();
    for (let from = 0; from < 300; from += width)
      tree.appendTree(grown(from, Math.min(from + width, 300)));
    assert.deepEqual(everything(tree), everything(grown(0, 300)), `parts of ${width}`);
  }
});

test('what is appended stays its own', () => {
  const right = grown(4, 7);
  const tree = grown(0, 4);
  tree.appendTree(right);
  right.truncate(0);
  for (let at = 0; at < 4; at += 1) right.append(emptyRoot());
  assert.equal(hex(tree.root()), hex(grown(0, 7).root()));
  tree.appendTree(tree);
  const twice = new MemoryTree([...LEAVES.slice(0, 7), ...LEAVES.slice(0, 7)]);
  assert.deepEqual(everything(tree), everything(twice));
});

test('the root beside more leaves, of which only their root is known', () => {
  for (const width of [1, 2, 8, 64])
    for (let from = 0; from <= 256; from += width)
      for (const leaves of [0, 1, 2, 3, 7, 8, 63, 64].filter((count) => count <= width)) {
        const tree = grown(0, from);
        const root = tree.rootBeside(leaves, grown(from, from + leaves).root());
        assert.equal(hex(root), hex(grown(0, from + leaves).root()), `${from} and ${leaves}`);
        assert.equal(hex(tree.root()), hex(grown(0, from).root()), `${from} as it was`);
      }
});

test('more leaves than fit beside are refused', () => {
  const tree = grown(0, 12);
  const right = emptyRoot();
  assert.equal(hex(tree.rootBeside(4, grown(12, 16).root())), hex(grown(0, 16).root()));
  for (const leaves of [5, -1, 0.5])
    assert.throws(() => tree.rootBeside(leaves, right), code('tlog.range'), String(leaves));
  assert.throws(() => tree.rootBeside(1, new Uint8Array(31)), code('tlog.hash-size'));
});

test('a tree’s levels are a tree elsewhere', () => {
  for (const size of [0, 1, 2, 3, 31, 32, 33, 200]) {
    const tree = grown(0, size);
    const levels = tree.levels();
    const again = MemoryTree.of(size, levels);
    assert.deepEqual(everything(again), everything(tree), `of ${size}`);
    assert.equal(
      levels.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
      levels.reduce((sum, _, level) => sum + 32 * Math.floor(size / 2 ** level), 0),
    );
    for (const level of levels) level.fill(0);
    assert.equal(hex(tree.root()), hex(grown(0, size).root()), 'they are copies');
  }
});
