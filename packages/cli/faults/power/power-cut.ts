import { closeSync, copyFileSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Chances } from '../seeded.ts';
import { type DiskRequest, parseBlockLog, SECTOR } from './block-log.ts';
import { type DiskRecord, run } from './recorded-disk.ts';

/**
 * What becomes of writes since the last flush when the power goes: all reached the disk, none did, or some, each whole,
 * torn at a sector, or not at all, in whatever order. A disk that keeps its word about flushes may do any of it.
 */
export type Fate = 'kept' | 'lost' | 'torn';

/** A moment at which the power goes. */
export interface Cut {
  /** How many of the requests had been made. */
  readonly after: number;
  /** Length of the log then: what was acknowledged by then must be there. */
  readonly at: number;
  readonly fate: Fate;
}

/** One moment at every flush, and one at a drawn moment before the next, with a drawn fate of what was not flushed. */
export function cutsOf(
  requests: readonly DiskRequest[],
  end: number,
  { below, one }: Chances,
): readonly Cut[] {
  const cuts: Cut[] = [];
  const until = requests.findLastIndex((request) => request.end <= end) + 1;
  const after = (count: number, fate: Fate) => {
    cuts.push({ after: count, at: requests[count - 1]?.end ?? 0, fate });
  };
  for (let flush = next(requests, 0); flush < until; ) {
    const following = Math.min(next(requests, flush + 1), until);
    after(flush + 1, 'lost');
    const between = following - flush - 1;
    if (between > 0)
      after(
        flush + 2 + below(between, `moment ${flush}`),
        one(['lost', 'torn', 'torn', 'kept'], `fate ${flush}`),
      );
    flush = following;
  }
  return cuts;
}

/** The next flush from a place on; the length where there is none. */
function next(requests: readonly DiskRequest[], from: number): number {
  const found = requests.findIndex(({ kind }, at) => at >= from && kind === 'flush');
  return found === -1 ? requests.length : found;
}

/** Plays a record up to moment after moment, and gives what the disk holds when the power goes then. */
export class Replay {
  readonly #log: Buffer;
  readonly requests: readonly DiskRequest[];
  /** What has been flushed. */
  readonly #flushed: string;
  #played = 0;
  readonly #cut: string;

  /** @param folder where images may lie */
  constructor(record: DiskRecord, folder: string) {
    this.#log = readFileSync(record.log);
    this.requests = parseBlockLog(this.#log);
    this.#flushed = join(folder, 'flushed');
    this.#cut = join(folder, 'cut');
    run('cp', '--sparse=always', record.before, this.#flushed);
  }

  /** The image of a disk that lost its power. Moments must come in order; the next one takes this one's place. */
  image({ after, fate }: Cut, chances: Chances): string {
    const flush = this.requests.findLastIndex(({ kind }, at) => at < after && kind === 'flush');
    this.#write(this.#flushed, this.requests.slice(this.#played, flush + 1));
    this.#played = Math.max(this.#played, flush + 1);
    run('cp', '--sparse=always', this.#flushed, this.#cut);
    const rest = this.requests.slice(flush + 1, after);
    if (fate === 'kept') this.#write(this.#cut, rest);
    if (fate === 'torn')
      this.#write(
        this.#cut,
        rest.flatMap((request, at) => torn(request, chances, `${flush + at}`)),
      );
    return this.#cut;
  }

  #write(image: string, requests: readonly DiskRequest[]): void {
    const file = openSync(image, 'r+');
    try {
      for (const { kind, at, length, from } of requests) {
        if (kind === 'write') writeSync(file, this.#log, from, length, at);
        // A disk may return anything for what it was told to forget: zeros are what would hurt.
        else if (kind === 'discard') writeSync(file, Buffer.alloc(length), 0, length, at);
      }
    } finally {
      closeSync(file);
    }
  }
}

/** What of a request reaches the disk: all of it, nothing, or some of its sectors. */
function torn(
  request: DiskRequest,
  { below, part }: Chances,
  name: string,
): readonly DiskRequest[] {
  if (request.kind !== 'write') return [request];
  const fate = below(3, `write ${name}`);
  if (fate === 0) return [request];
  if (fate === 1) return [];
  const count = request.length / SECTOR;
  // A piece from the beginning or the end, as a disk that writes a track would leave it.
  const whole = Math.floor(part(`sectors ${name}`) * count);
  const skipped = below(2, `end ${name}`) === 0 ? 0 : count - whole;
  return [
    {
      ...request,
      at: request.at + skipped * SECTOR,
      from: request.from + skipped * SECTOR,
      length: whole * SECTOR,
    },
  ];
}

/** Keeps an image that something was wrong with. */
export function keepImage(image: string, path: string): void {
  copyFileSync(image, path);
}
