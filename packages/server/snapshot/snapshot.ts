import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { canonicalText, hex, type Json } from '@halligan/format';
import type { Emergency, State } from '@halligan/procedure';
import { HASH_SIZE, MemoryTree } from '@halligan/tlog';
import { z } from 'zod';
import type { Folded } from '../leader.ts';

/** A record's state at one size, with the tree over its entries: what a start need not work out again. */
export interface Snapshot extends Folded {
  readonly tree: MemoryTree;
  /** What a check of the whole record must come to at this size: see {@link digestOfFolded}. */
  readonly digest: string;
}

const VERSION = 'halligan/snapshot/v1';
const MAC_SIZE = 32;
/** Lines that are made without letting others run: about a megabyte. */
const STRIDE = 64;

const headerSchema = z.strictObject({
  v: z.literal(VERSION),
  /** Digest of the code that folded: another program's state may have another form. */
  code: z.string(),
  size: z.int().min(1),
  last: z.string(),
  digest: z.string(),
  emergencies: z.int().min(0),
  streams: z.int().min(0),
});

/**
 * The key that snapshots of a log are authenticated with. It comes of the log's own secret key: who has that can write
 * the journal itself, and needs no snapshot to lie.
 */
export function snapshotKey(signer: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', signer, '', VERSION, 32));
}

/**
 * Writes a snapshot: a line that says what it is, the state and the streams as lines of JSON, the nodes of the tree
 * level by level, and an HMAC over all of it. Lets others run meanwhile: the state is never changed, only replaced.
 * @param node of the tree over the entries
 */
export async function encodeSnapshot(
  folded: Folded,
  node: (level: number, index: number) => Uint8Array,
  { code, key }: { readonly code: string; readonly key: Uint8Array },
): Promise<Uint8Array> {
  const { size, last, state, streams } = folded;
  const header: z.infer<typeof headerSchema> = {
    v: VERSION,
    code,
    size,
    last,
    digest: await digestOfFolded(folded),
    emergencies: Object.keys(state.emergencies).length,
    streams: streams.size,
  };
  const chunks: Uint8Array[] = [];
  const mac = createHmac('sha256', key);
  const put = (bytes: Uint8Array) => {
    chunks.push(bytes);
    mac.update(bytes);
  };
  put(Buffer.from(`${JSON.stringify(header)}\n`));
  // In the order of the state, which a reader of lists may see: canonical JSON would sort it.
  for await (const lines of strides(linesOf(folded), (line) => JSON.stringify(line)))
    put(Buffer.from(lines));
  for (let level = 0; 2 ** level <= size; level += 1) put(levelOf(level, size, node));
  chunks.push(mac.digest());
  return Buffer.concat(chunks);
}

/** @returns undefined where the bytes are no snapshot that this log's key and this very program made, whole */
export function decodeSnapshot(
  bytes: Uint8Array,
  { code, key }: { readonly code: string; readonly key: Uint8Array },
): Snapshot | undefined {
  const end = bytes.length - MAC_SIZE;
  if (end < 0) return undefined;
  const mac = createHmac('sha256', key).update(bytes.subarray(0, end)).digest();
  // From here on the bytes are our own: whoever wrote them has the log's key.
  if (!timingSafeEqual(mac, bytes.subarray(end))) return undefined;
  const reader = new LineReader(bytes);
  const header = headerSchema.safeParse(reader.next());
  if (!header.success || header.data.code !== code) return undefined;
  const { size, last, digest } = header.data;
  const state = reader.next() as State;
  const emergencies = entriesOf<Emergency>(reader, header.data.emergencies);
  const streams = new Map(entriesOf<readonly number[]>(reader, header.data.streams));
  const levels: Uint8Array[] = [];
  for (let level = 0, at = reader.at; 2 ** level <= size; level += 1) {
    const length = Math.floor(size / 2 ** level) * HASH_SIZE;
    levels.push(bytes.subarray(at, at + length));
    at += length;
  }
  const whole: State = { ...state, emergencies: Object.fromEntries(emergencies) };
  return { size, last, digest, state: whole, streams, tree: MemoryTree.of(size, levels) };
}

/** SHA-256 over what was folded, whatever the order of its members: two ways to the same state have the same digest. */
export async function digestOfFolded(folded: Folded): Promise<string> {
  const hash = createHash('sha256').update(`${folded.size} ${folded.last}\n`);
  for await (const lines of strides(linesOf(folded), (line) => canonicalText(line as Json)))
    hash.update(lines);
  return hex(hash.digest());
}

type Line = State | readonly [string, Emergency | readonly number[]];

function* linesOf({ state, streams }: Folded): Generator<Line> {
  yield { ...state, emergencies: {} };
  yield* Object.entries(state.emergencies);
  yield* streams;
}

async function* strides(
  lines: Iterable<Line>,
  textOf: (line: Line) => string,
): AsyncGenerator<string> {
  let text = '';
  let count = 0;
  for (const line of lines) {
    text += `${textOf(line)}\n`;
    count += 1;
    if (count % STRIDE > 0) continue;
    yield text;
    text = '';
    await new Promise((resolve) => setImmediate(resolve));
  }
  yield text;
}

function levelOf(
  level: number,
  size: number,
  node: (level: number, index: number) => Uint8Array,
): Uint8Array {
  const nodes = new Uint8Array(Math.floor(size / 2 ** level) * HASH_SIZE);
  for (let index = 0; index * HASH_SIZE < nodes.length; index += 1)
    nodes.set(node(level, index), index * HASH_SIZE);
  return nodes;
}

function entriesOf<T>(reader: LineReader, count: number): readonly (readonly [string, T])[] {
  return Array.from({ length: count }, () => reader.next() as readonly [string, T]);
}

/** JSON, line by line, out of bytes that hold other things after the lines. */
class LineReader {
  at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  next(): unknown {
    const end = this.#bytes.indexOf(10, this.at);
    const line = this.#bytes.toString('utf8', this.at, end);
    this.at = end + 1;
    return JSON.parse(line);
  }
}
