import { concat, HalliganError } from '@halligan/format';
import { HASH_SIZE } from './hash.ts';
import type { NodeHashes } from './proving.ts';
import { requireSize } from './size.ts';

/** Hashes of a full tile, and entries of a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;
/** Levels of the tree that one level of tiles spans. */
const TILE_HEIGHT = 8;
/** Most bytes of an entry: its length is written in 16 bits. */
const MAX_ENTRY = 65_535;

/** A tile: `width` hashes of one level of tiles, or as many entries, from `index × 256` on. A width below 256 is partial. */
export interface Tile {
  readonly level: number | 'entries';
  readonly index: number;
  readonly width: number;
}

/** Where a tile is found below the log's prefix: `tile/0/x001/x234/067.p/8`. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g);
  const [last = '', ...above] = [...(groups ?? [])].reverse();
  const path = [...above.reverse().map((group) => `x${group}`), last].join('/');
  return `tile/${level}/${path}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

const PATH =
  /^tile\/(entries|[0-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/){0,5})([0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** The tile that a path names; undefined where it names none: one path a tile. */
export function parseTilePath(path: string): Tile | undefined {
  const [, level, above = '', last = '', width] = PATH.exec(path) ?? [];
  if (level === undefined) return undefined;
  const index = Number(above.replace(/[x/]/g, '') + last);
  const tile: Tile = {
    level: level === 'entries' ? 'entries' : Number(level),
    index,
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  return Number.isSafeInteger(index) && tilePath(tile) === path ? tile : undefined;
}

/** Whether a tree of `size` leaves has a tile, whole or as the partial one that was served at some earlier size. */
export function hasTile(size: number, { level, index, width }: Tile): boolean {
  const hashes = Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level));
  return width >= 1 && width <= TILE_WIDTH && index * TILE_WIDTH + width <= hashes;
}

/** Every tile and bundle of a tree of `size` leaves: the full ones, and on each level the partial one at its end. @throws `tlog.range` */
export function* tilesOf(size: number): Generator<Tile, void> {
  requireSize(size, 'size of the tree');
  for (let level = 0, hashes = size; hashes > 0; level += 1) {
    for (let index = 0; index * TILE_WIDTH < hashes; index += 1) {
      const width = Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH);
      yield { level, index, width };
      if (level === 0) yield { level: 'entries', index, width };
    }
    hashes = Math.floor(hashes / TILE_WIDTH);
  }
}

/** The bytes of a tile of hashes. @param hashes asked for complete subtrees only */
export function tileBytes({ level, index, width }: Tile, hashes: NodeHashes): Uint8Array {
  if (level === 'entries') throw notATile('entries are a bundle');
  return concat(
    ...Array.from({ length: width }, (_, at) =>
      hashes(level * TILE_HEIGHT, index * TILE_WIDTH + at),
    ),
  );
}

/** The hashes of a tile. @throws `tlog.tile` unless there are exactly `width` */
export function parseTile(bytes: Uint8Array, width: number): readonly Uint8Array[] {
  if (bytes.length !== width * HASH_SIZE) throw notATile('it has another width than its path says');
  return Array.from({ length: width }, (_, at) =>
    bytes.slice(at * HASH_SIZE, (at + 1) * HASH_SIZE),
  );
}

/** An entry bundle: each entry after its length in two bytes, big-endian. @throws `tlog.tile` where an entry has more than 65,535 bytes */
export function bundleBytes(entries: readonly Uint8Array[]): Uint8Array {
  return concat(
    ...entries.flatMap((entry) => {
      if (entry.length > MAX_ENTRY) throw notATile('an entry is longer than 65,535 bytes');
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}

/** The entries of a bundle. @throws `tlog.tile` unless there are exactly `width`, and nothing after them */
export function parseBundle(bytes: Uint8Array, width: number): readonly Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (entries.length === width) throw notATile('it has another width than its path says');
    const [high, low] = bytes.subarray(at, at + 2);
    const end = at + 2 + (high ?? 0) * 256 + (low ?? 0);
    if (low === undefined || end > bytes.length)
      throw notATile('it ends in the middle of an entry');
    entries.push(bytes.slice(at + 2, end));
    at = end;
  }
  if (entries.length !== width) throw notATile('it has another width than its path says');
  return entries;
}

export function notATile(why: string): HalliganError {
  return new HalliganError(
    'tlog.tile',
    `A tile of this log is refused: ${why}.`,
    'Fetch it again, from the log itself; if it stays so, keep it as evidence and tell security.',
  );
}
