import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { canonicalText, hex, type Json } from '@halligan/format';
import { allEmergencies, EMPTY, type Emergency, isOpen, type State } from '@halligan/procedure';
import { HASH_SIZE, type MemoryTree } from '@halligan/tlog';
import { z } from 'zod';
import type { Folded } from '../leader.ts';
import { emergencyDigest, parted, partsOf } from './closed-emergency.ts';

/** A record's state at one size, with the tree over its entries: what a start need not work out again. */
export interface Snapshot extends Folded {
  readonly tree: MemoryTree;
  /** What a check of the whole record must come to at this size: see {@link digestOfFolded}. */
  readonly digest: string;
}

/** What a snapshot is believed by. */
export interface SnapshotMaker {
  /** Digest of the code that folded: another program's state may have another form. */
  readonly code: string;
  /** See {@link snapshotKey}. */
  readonly key: Uint8Array;
}

const VERSION = 'halligan/snapshot/v2';

/** The file ends with the footer's length in four bytes, and an HMAC-SHA-256. */
export const MAC_SIZE = 32;
export const ENDING_SIZE = 4 + MAC_SIZE;

/** What a snapshot says of itself, in its last line. */
export const footerSchema = z.strictObject({
  v: z.literal(VERSION),
  code: z.string(),
  size: z.int().min(1),
  last: z.string(),
  digest: z.string(),
  emergencies: z.int().min(0),
  streams: z.int().min(0),
  /** Bytes of its first two parts. */
  rests: z.int().min(0),
  lines: z.int().min(1),
});

/** Bytes that are put together without letting others run, and nodes of the tree of as many. */
const PIECE = 1 << 20;
const PIECE_NODES = PIECE / HASH_SIZE;

/**
 * The key that snapshots of a log are authenticated with. It comes of the log's own secret key: who has that can write
 * the journal itself, and needs no snapshot to lie.
 */
export function snapshotKey(signer: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', signer, '', VERSION, 32));
}

/**
 * Writes a snapshot, a megabyte at a time: what a start leaves on disk of the emergencies that are closed; the state, the
 * emergencies and the streams as lines of JSON; the nodes of the tree, level by level; the footer; an HMAC over all of
 * it. Lets others run meanwhile: the state is never changed, only replaced.
 * @param node of the tree over the entries
 */
export async function* snapshotPieces(
  folded: Folded,
  node: (level: number, index: number) => Uint8Array,
  { code, key }: SnapshotMaker,
): AsyncGenerator<Uint8Array> {
  const mac = createHmac('sha256', key);
  let gathered: Uint8Array[] = [];
  let length = 0;
  const taken = () => {
    const piece = Buffer.concat(gathered);
    [gathered, length] = [[], 0];
    mac.update(piece);
    return piece;
  };
  for (const bytes of partsOfSnapshot(folded, node, code)) {
    gathered.push(bytes);
    length += bytes.length;
    if (length >= PIECE) yield taken();
  }
  yield taken();
  yield mac.digest();
}

function* partsOfSnapshot(
  { size, last, state, streams }: Folded,
  node: (level: number, index: number) => Uint8Array,
  code: string,
): Generator<Uint8Array> {
  const emergencies = allEmergencies(state);
  const digest = new FoldedDigest(size, last, state);
  const lines = [lineOf(withoutEmergencies(state))];
  let rests = 0;
  for (const emergency of emergencies) {
    const { id } = emergency;
    const parts = isOpen(emergency) ? undefined : (partsOf(emergency) ?? parted(emergency));
    digest.add(id, parts?.digest ?? emergencyDigest(emergency));
    if (parts === undefined) lines.push(lineOf([emergency]));
    else {
      lines.push(lineOf([parts.light, rests, parts.rest.length, parts.digest]));
      rests += parts.rest.length;
      yield parts.rest;
    }
  }
  // In the order of the state, which a reader of lists may see: canonical JSON would sort it.
  for (const stream of streams) {
    digest.add(...stream);
    lines.push(lineOf(stream));
  }
  yield* lines;
  for (const [level, nodes] of levelsOf(size).entries())
    for (let from = 0; from < nodes; from += PIECE_NODES)
      yield nodesOf(node, level, from, Math.min(nodes, from + PIECE_NODES));
  const footer: z.infer<typeof footerSchema> = {
    v: VERSION,
    ...{ code, size, last, digest: digest.end() },
    ...{ emergencies: emergencies.length, streams: streams.size },
    ...{ rests, lines: lines.reduce((sum, line) => sum + line.length, 0) },
  };
  const said = lineOf(footer);
  yield said;
  const ending = Buffer.alloc(4);
  ending.writeUInt32BE(said.length);
  yield ending;
}

/** How many nodes each level of a tree of so many leaves has. */
export function levelsOf(size: number): readonly number[] {
  const levels: number[] = [];
  for (let level = 0; 2 ** level <= size; level += 1) levels.push(Math.floor(size / 2 ** level));
  return levels;
}

/** SHA-256 over what was folded, whatever the order of its members: two ways to the same state have the same digest. */
export function digestOfFolded({ size, last, state, streams }: Folded): string {
  const digest = new FoldedDigest(size, last, state);
  for (const emergency of allEmergencies(state))
    digest.add(emergency.id, emergencyDigest(emergency));
  for (const stream of streams) digest.add(...stream);
  return digest.end();
}

function withoutEmergencies(state: State): State {
  const { owing, past } = state.emergencies;
  return { ...state, emergencies: { ...EMPTY.emergencies, owing, past } };
}

class FoldedDigest {
  readonly #hash = createHash('sha256');

  constructor(size: number, last: string, state: State) {
    this.#hash.update(`${size} ${last}\n`);
    this.#hash.update(`${canonicalText(withoutEmergencies(state) as unknown as Json)}\n`);
  }

  /** An emergency's digest, or the entries of a stream. */
  add(name: string, what: string | readonly number[]): void {
    this.#hash.update(`${canonicalText([name, what])}\n`);
  }

  end(): string {
    return hex(this.#hash.digest());
  }
}

function nodesOf(
  node: (level: number, index: number) => Uint8Array,
  level: number,
  from: number,
  to: number,
): Uint8Array {
  const nodes = new Uint8Array((to - from) * HASH_SIZE);
  for (let index = from; index < to; index += 1)
    nodes.set(node(level, index), (index - from) * HASH_SIZE);
  return nodes;
}

type Line =
  | State
  | z.infer<typeof footerSchema>
  | readonly [Emergency]
  | readonly [string, readonly number[]]
  | readonly [Readonly<Record<string, unknown>>, number, number, string];

function lineOf(line: Line): Uint8Array {
  return Buffer.from(`${JSON.stringify(line)}\n`);
}
