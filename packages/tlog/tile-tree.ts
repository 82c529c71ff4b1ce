import { sameBytes } from '@halligan/format';
import type { Checkpoint } from './checkpoint.ts';
import { leafHash } from './hash.ts';
import { MemoryTree } from './memory-tree.ts';
import {
  notATile,
  parseBundle,
  parseTile,
  type Tile,
  tileBytes,
  tilePath,
  tilesOf,
} from './tile.ts';

/** Gives the bytes of a path below the log's prefix. */
export type ReadTile = (path: string) => Promise<Uint8Array>;

/**
 * Reads the hash tiles of a tree and checks all of them: that the leaves make the checkpoint's root, and that every
 * tile above says what the leaves make. Whoever serves the tiles is the adversary.
 * @param checkpoint verified before
 * @returns the tree, which proves entries and growth
 * @throws `tlog.tile`, and what `read` throws
 */
export async function readTileTree(
  { size, root }: Pick<Checkpoint, 'size' | 'root'>,
  read: ReadTile,
): Promise<MemoryTree> {
  const tree = new MemoryTree();
  for (const tile of hashTiles(size)) {
    const bytes = await read(tilePath(tile));
    if (tile.level === 0) for (const leaf of parseTile(bytes, tile.width)) tree.append(leaf);
    else if (
      !sameBytes(
        bytes,
        tileBytes(tile, (level, index) => tree.node(level, index)),
      )
    )
      throw notATile(`${tilePath(tile)} is not what the tiles below it make`);
  }
  if (sameBytes(tree.root(), root)) return tree;
  throw notATile('its leaves make another root than the checkpoint’s');
}

/** The entries of a tree that was read, in order, each compared with its leaf. @throws `tlog.tile`, and what `read` throws */
export async function* readEntries(
  tree: MemoryTree,
  read: ReadTile,
): AsyncGenerator<{ readonly index: number; readonly bytes: Uint8Array }, void> {
  for (const tile of tilesOf(tree.size)) {
    if (tile.level !== 'entries') continue;
    const entries = parseBundle(await read(tilePath(tile)), tile.width);
    for (const [at, bytes] of entries.entries()) {
      const index = tile.index * 256 + at;
      if (!sameBytes(leafHash(bytes), tree.node(0, index)))
        throw notATile(`entry ${index} is not the one that the tree holds`);
      yield { index, bytes };
    }
  }
}

function* hashTiles(size: number): Generator<Tile, void> {
  for (const tile of tilesOf(size)) if (tile.level !== 'entries') yield tile;
}
