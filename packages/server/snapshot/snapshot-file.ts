import { createHmac, type Hmac, timingSafeEqual } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { utf8Text } from '@halligan/format';
import { type Emergency, putBack, type State } from '@halligan/procedure';
import { HASH_SIZE, MemoryTree } from '@halligan/tlog';
import type { z } from 'zod';
import { jsonOf } from '../home.ts';
import { changed, closedEmergency } from './closed-emergency.ts';
import {
  ENDING_SIZE,
  footerSchema,
  levelsOf,
  MAC_SIZE,
  type Snapshot,
  type SnapshotMaker,
} from './snapshot.ts';

/** Bytes that are read at once. */
const PIECE = 1 << 20;
/** A footer is some hundred bytes. */
const LONGEST_FOOTER = 4096;

type Footer = z.infer<typeof footerSchema>;

/**
 * A snapshot on disk. It stays open, and is read from as long as the server runs: another one may take its name
 * meanwhile.
 */
export class SnapshotFile {
  readonly #file: number;
  /** Up to where it was read. */
  #at = 0;

  private constructor(file: number) {
    this.#file = file;
  }

  static open(path: string): SnapshotFile {
    return new SnapshotFile(openSync(path, 'r'));
  }

  close(): void {
    closeSync(this.#file);
  }

  /**
   * Reads and verifies all of it. Of the closed emergencies only what is asked of every one stays in memory.
   * @returns undefined where it is no snapshot that this log's key and this very program made, whole
   */
  read({ code, key }: SnapshotMaker): Snapshot | undefined {
    const { size: length } = fstatSync(this.#file);
    const footer = this.#footer(length);
    // Not authenticated yet: nothing is taken from it but how long the parts are, which must come to the file's length.
    if (footer === undefined || footer.code !== code) return undefined;
    const mac = createHmac('sha256', key);
    this.#pass(footer.rests, mac);
    const lines = this.#take(footer.lines, mac);
    const levels = levelsOf(footer.size).map((nodes) => this.#take(nodes * HASH_SIZE, mac));
    const said = this.#take(length - this.#at - ENDING_SIZE, mac);
    this.#pass(ENDING_SIZE - MAC_SIZE, mac);
    if (!timingSafeEqual(mac.digest(), this.#bytes(length - MAC_SIZE, MAC_SIZE))) return undefined;
    // From here on the bytes are our own: whoever wrote them has the log's key.
    return this.#decoded(footerSchema.parse(jsonOf(utf8Text(said))), lines, levels);
  }

  #footer(length: number): Footer | undefined {
    if (length < ENDING_SIZE) return undefined;
    const size = this.#bytes(length - ENDING_SIZE, 4).readUInt32BE();
    if (size > Math.min(LONGEST_FOOTER, length - ENDING_SIZE)) return undefined;
    const text = this.#bytes(length - ENDING_SIZE - size, size).toString('utf8');
    const { data } = footerSchema.safeParse(jsonOf(text));
    if (data === undefined) return undefined;
    const nodes = levelsOf(data.size).reduce((sum, level) => sum + level, 0);
    const all = data.rests + data.lines + nodes * HASH_SIZE + size + ENDING_SIZE;
    return all === length ? data : undefined;
  }

  #decoded(footer: Footer, bytes: Buffer, levels: readonly Uint8Array[]): Snapshot {
    const { size, last, digest } = footer;
    const lines = linesOf(bytes);
    const state = lines.next().value as State;
    const emergencies: Emergency[] = [];
    for (let at = 0; at < footer.emergencies; at += 1) {
      const [emergency, from, length, itsDigest] = lines.next().value as EmergencyLine;
      emergencies.push(
        from === undefined
          ? (emergency as unknown as Emergency)
          : closedEmergency(emergency, { at: from, length, digest: itsDigest }, this.#rest),
      );
    }
    const streams = new Map([...lines] as readonly (readonly [string, readonly number[]])[]);
    const register = putBack(state.emergencies, emergencies);
    const whole: State = { ...state, emergencies: register };
    return { size, last, digest, state: whole, streams, tree: MemoryTree.of(size, levels) };
  }

  readonly #rest = (at: number, length: number): Buffer => this.#bytes(at, length);

  /** The next bytes. */
  #take(length: number, mac: Hmac): Buffer {
    const bytes = this.#bytes(this.#at, length);
    this.#at += length;
    mac.update(bytes);
    return bytes;
  }

  /** The next bytes, which nobody needs. */
  #pass(length: number, mac: Hmac): void {
    const piece = Buffer.allocUnsafeSlow(Math.min(length, PIECE));
    for (const end = this.#at + length; this.#at < end; ) {
      const part = piece.subarray(0, Math.min(piece.length, end - this.#at));
      this.#fill(part, this.#at);
      mac.update(part);
      this.#at += part.length;
    }
  }

  #bytes(at: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length);
    this.#fill(bytes, at);
    return bytes;
  }

  #fill(bytes: Buffer, at: number): void {
    for (let got = 0; got < bytes.length; ) {
      const more = readSync(this.#file, bytes, got, bytes.length - got, at + got);
      if (more === 0) throw changed();
      got += more;
    }
  }
}

/** An emergency whole in memory, or what stays of a closed one, with the place of the rest and the digest of all. */
type EmergencyLine =
  | readonly [Readonly<Record<string, unknown>>, undefined?, undefined?, undefined?]
  | readonly [Readonly<Record<string, unknown>>, number, number, string];

function* linesOf(bytes: Buffer): Generator<unknown, undefined> {
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(10, at);
    yield JSON.parse(bytes.toString('utf8', at, end));
    at = end + 1;
  }
}
