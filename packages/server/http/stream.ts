import { HalliganError } from '@halligan/format';
import type { FastifyRequest } from 'fastify';
import type { Leader } from '../leader.ts';

/** How often a silent stream says that it lives, milliseconds: proxies close what says nothing. */
const HEARTBEAT = 15_000;
/** Most bytes that wait for a reader; each event has a few dozen. Who reads so slowly comes again and resumes. */
const MOST_WAITING = 16 << 10;
/** Streams that are told in one turn: whatever else the server does comes in between. */
const AT_ONCE = 250;

/** Most streams of one person, and of everybody. */
export interface StreamLimits {
  readonly one: number;
  readonly all: number;
  /** Least time between two rounds, milliseconds: a reader is told the size of now, not each of those before it. */
  readonly pause: number;
}

const LIMITS: StreamLimits = { one: 16, all: 10_000, pause: 50 };

/** What streams need of the record. */
type Growing = Pick<Leader, 'checkpoint' | 'onChange'>;

/** What a stream needs to know about its reader. */
export interface Reader {
  readonly person: string;
  /** Whether they may still read: signed in, on the roster, with the same keys. */
  readonly isWelcome: () => boolean;
}

/** What is written to; the response of a request is one. */
interface Line {
  readonly writableLength: number;
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  write(text: string): unknown;
  destroy(): unknown;
  on(event: 'close', listener: () => void): unknown;
}

/** One that is open. */
interface Stream {
  readonly reader: Reader;
  readonly line: Line;
  /** The size that it was told last. */
  told: number | undefined;
}

/**
 * Server-sent events: the log's size, as data and as id, soon after it has grown, so that a device that lost the stream
 * resumes with `Last-Event-ID`. It carries no content: devices fetch and prove that themselves. However many are open,
 * they are told in rounds, a few at a time: nobody who asks for something waits for all of them.
 */
export class CheckpointStreams {
  readonly #leader: Growing;
  readonly #limits: StreamLimits;
  readonly #open = new Set<Stream>();
  readonly #ofOne = new Map<string, number>();
  #round: NodeJS.Immediate | NodeJS.Timeout | undefined;
  /** Whether something happened that the round under way may have passed already. */
  #again = false;
  #heart: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(leader: Growing, limits: Partial<StreamLimits> = {}) {
    this.#leader = leader;
    this.#limits = { ...LIMITS, ...limits };
  }

  get count(): number {
    return this.#open.size;
  }

  /** @throws `server.behind` where the reader saw more than there is; `server.busy` with too many streams */
  start(
    reader: Reader,
    request: Pick<FastifyRequest, 'headers'>,
    reply: { readonly raw: Line; hijack(): unknown },
  ): void {
    const seen = lastEventId(request.headers['last-event-id']);
    const { size } = this.#leader.checkpoint();
    if (seen !== undefined && seen > size)
      throw new HalliganError(
        'server.behind',
        `You saw ${seen} entries; this server has ${size}.`,
        'This server was rolled back, or restored from an old backup. Sign nothing; tell security.',
      );
    this.#admit(reader.person);
    reply.hijack();
    const line = reply.raw;
    line.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    line.write(': open\n\n');
    const stream: Stream = { reader, line, told: seen };
    tell(stream, size);
    this.#open.add(stream);
    line.on('close', () => this.#leave(stream));
    this.#unsubscribe ??= this.#leader.onChange(() => this.look());
    this.#heart ??= setInterval(() => this.#beat(), HEARTBEAT);
  }

  /** The record has grown, or somebody signed out: whoever is no longer welcome is let go, the others are told. */
  look(): void {
    if (this.#round === undefined) this.#begin(tell);
    else this.#again = true;
  }

  /** Says that it lives, also to who is told something in between: each round is short. */
  #beat(): void {
    if (this.#round === undefined) this.#begin((stream) => write(stream, ': alive\n\n'));
  }

  /** Does something for each stream that is open now, a few at a time. */
  #begin(act: (stream: Stream, size: number) => void): void {
    const left = this.#open.values();
    const turn = () => {
      const { size } = this.#leader.checkpoint();
      for (let at = 0; at < AT_ONCE; at += 1) {
        const { value: stream, done } = left.next();
        if (done === true) {
          this.#round = setTimeout(() => this.#end(), this.#limits.pause);
          return;
        }
        // A roster that changed may be what sends the reader away.
        if (stream.reader.isWelcome()) act(stream, size);
        else stream.line.destroy();
      }
      this.#round = setImmediate(turn);
    };
    this.#round = setImmediate(turn);
  }

  #end(): void {
    this.#round = undefined;
    const again = this.#again;
    this.#again = false;
    if (again) this.look();
  }

  #admit(person: string): void {
    const own = this.#ofOne.get(person) ?? 0;
    if (own >= this.#limits.one || this.count >= this.#limits.all)
      throw new HalliganError(
        'server.busy',
        'Too many streams are open.',
        'Close the others; a device needs one.',
      );
    this.#ofOne.set(person, own + 1);
  }

  #leave(stream: Stream): void {
    this.#open.delete(stream);
    const { person } = stream.reader;
    const left = (this.#ofOne.get(person) ?? 1) - 1;
    if (left === 0) this.#ofOne.delete(person);
    else this.#ofOne.set(person, left);
    if (this.#open.size > 0) return;
    this.#unsubscribe?.();
    clearInterval(this.#heart);
    this.#unsubscribe = undefined;
    this.#heart = undefined;
  }
}

function tell(stream: Stream, size: number): void {
  if (stream.told === size) return;
  stream.told = size;
  write(stream, `id: ${size}\nevent: checkpoint\ndata: ${size}\n\n`);
}

/** Who is too slow is let go: nothing more is kept for them. */
function write({ line }: Stream, text: string): void {
  if (line.writableLength > MOST_WAITING) line.destroy();
  else line.write(text);
}

/** @throws `server.request` where it is no size */
function lastEventId(header: string | readonly string[] | undefined): number | undefined {
  if (header === undefined || header === '') return undefined;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw new HalliganError(
    'server.request',
    'This Last-Event-ID is not one of ours.',
    'Connect again without it.',
  );
}
