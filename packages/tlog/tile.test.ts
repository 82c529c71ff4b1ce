import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sameBytes, utf8 } from '@halligan/format';
import fc from 'fast-check';
import {
  bundleBytes,
  hasTile,
  leafHash,
  MemoryTree,
  parseBundle,
  parseTilePath,
  readEntries,
  readTileTree,
  type Tile,
  tileBytes,
  tilePath,
  tilesOf,
  verifyConsistency,
  verifyInclusion,
} from './index.ts';

/** The shape of a tree's tiles, counted: `0 full`, `0.p 112`. */
function shape(size: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { level, width } of tilesOf(size)) {
    if (level === 'entries') continue;
    const key = width === 256 ? `${level} full` : `${level}.p/${width}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** The log of n entries as a static tree of files. */
function served(size: number) {
  const entries = Array.from({ length: size }, (_, at) => utf8(`entry ${at}`));
  const tree = new MemoryTree(entries.map(leafHash));
  const files = new Map<string, Uint8Array>();
  for (const tile of tilesOf(size)) {
    const from = tile.index * 256;
    const bytes =
      tile.level === 'entries'
        ? bundleBytes(entries.slice(from, from + tile.width))
        : tileBytes(tile, (level, index) => tree.node(level, index));
    files.set(tilePath(tile), bytes);
  }
  const read = async (path: string) => files.get(path) ?? new Uint8Array();
  return { entries, tree, files, read };
}

test('the tiles of the specification’s examples', () => {
  assert.deepEqual(
    shape(70_000),
    new Map([
      ['0 full', 273],
      ['0.p/112', 1],
      ['1 full', 1],
      ['1.p/17', 1],
      ['2.p/1', 1],
    ]),
  );
  assert.deepEqual(
    shape(256),
    new Map([
      ['0 full', 1],
      ['1.p/1', 1],
    ]),
  );
  assert.deepEqual(shape(0), new Map());
  assert.equal(tilePath({ level: 0, index: 1_234_067, width: 256 }), 'tile/0/x001/x234/067');
  assert.equal(tilePath({ level: 'entries', index: 0, width: 5 }), 'tile/entries/000.p/5');
});

test('a path names one tile, and only one path names it', () => {
  const level = fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant('entries' as const));
  const tiles = fc.record({
    level,
    index: fc.nat(2 ** 40),
    width: fc.integer({ min: 1, max: 256 }),
  });
  fc.assert(
    fc.property(tiles, (tile: Tile) => {
      assert.deepEqual(parseTilePath(tilePath(tile)), { ...tile });
    }),
  );
  for (const path of [
    '',
    'tile/0/1',
    'tile/0/0001',
    'tile/0/x000/001',
    'tile/00/000',
    'tile/64/000',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000/',
    'tile/-1/000',
    'tile/data/000',
    '../tile/0/000',
    'tile/0/x999/x999/x999/x999/x999/999',
  ])
    assert.equal(parseTilePath(path), undefined, path);
  fc.assert(
    fc.property(fc.string(), (text) => {
      const tile = parseTilePath(text);
      assert.ok(tile === undefined || tilePath(tile) === text);
    }),
  );
});

test('a log has the tiles of its size and of the sizes before it, and no other', () => {
  for (const size of [0, 1, 255, 256, 257, 513]) {
    for (const tile of tilesOf(size)) assert.ok(hasTile(size, tile));
    assert.ok(!hasTile(size, { level: 0, index: Math.floor(size / 256), width: (size % 256) + 1 }));
  }
  assert.ok(hasTile(10, { level: 'entries', index: 0, width: 7 }));
  assert.ok(!hasTile(65_535, { level: 2, index: 0, width: 1 }));
  assert.ok(hasTile(65_536, { level: 2, index: 0, width: 1 }));
});

test('what is read from tiles proves as the log itself does', async () => {
  for (const size of [0, 1, 5, 255, 256, 257, 700]) {
    const { entries, tree, read } = served(size);
    const again = await readTileTree({ size, root: tree.root() }, read);
    assert.deepEqual(again.root(), tree.root());
    const found = await Array.fromAsync(readEntries(again, read));
    assert.deepEqual(
      found.map(({ bytes }) => bytes),
      entries,
    );
    if (size === 0) continue;
    const index = size - 1;
    const leaf = leafHash(entries[index] ?? new Uint8Array());
    const [proof, root] = [again.inclusionProof(index), tree.root()];
    verifyInclusion({ leafHash: leaf, index, size, proof, root });
    const [size1, growth] = [Math.ceil(size / 2), again.consistencyProof(Math.ceil(size / 2))];
    verifyConsistency({ size1, size2: size, proof: growth, root1: tree.root(size1), root2: root });
  }
});

test('one changed byte of any tile or bundle is noticed', async () => {
  const { tree, files, read } = served(600);
  const whole = async () => {
    const again = await readTileTree({ size: 600, root: tree.root() }, read);
    return Array.fromAsync(readEntries(again, read));
  };
  assert.equal((await whole()).length, 600);
  for (const [path, bytes] of [...files]) {
    for (const altered of [
      bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte)),
      bytes.slice(0, -1),
      new Uint8Array([...bytes, 0]),
      new Uint8Array(),
    ]) {
      files.set(path, altered);
      await assert.rejects(whole(), { code: 'tlog.tile' }, path);
    }
    files.set(path, bytes);
  }
});

test('bundles carry what they were given, up to the limit, and nothing else', () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 256 });
  fc.assert(
    fc.property(entries, (given) => {
      assert.deepEqual(parseBundle(bundleBytes(given), given.length), given);
    }),
  );
  const largest = new Uint8Array(65_535);
  assert.deepEqual(parseBundle(bundleBytes([largest]), 1), [largest]);
  assert.throws(() => bundleBytes([new Uint8Array(65_536)]), { code: 'tlog.tile' });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(20), (bytes, width) => {
      try {
        assert.ok(sameBytes(bundleBytes(parseBundle(bytes, width)), bytes));
      } catch (error) {
        assert.ok(error instanceof Error && 'code' in error && error.code === 'tlog.tile');
      }
    }),
  );
});
