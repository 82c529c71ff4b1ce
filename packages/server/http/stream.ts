import { HalliganError } from '@halligan/format';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Leader } from '../leader.ts';

/** How often a silent stream says that it lives, milliseconds: proxies close what says nothing. */
const HEARTBEAT = 15_000;
/** Most bytes that wait for a reader; each event has a few dozen. Who reads so slowly comes again and resumes. */
const MOST_WAITING = 16 << 10;
/** Most streams of one person, and of everybody. */
const MOST_OF_ONE = 16;
const MOST_OF_ALL = 1000;

/** What streams need of the record. */
type Growing = Pick<Leader, 'checkpoint' | 'onChange'>;

/** What a stream needs to know about its reader. */
export interface Reader {
  readonly person: string;
  /** Whether they may still read: signed in, on the roster, with the same keys. */
  readonly isWelcome: () => boolean;
  /** Called when sessions ended. Returns what stops it. */
  readonly onEnd: (listener: () => void) => () => void;
}

/**
 * Server-sent events: one for each durable change, with the log's size as its id, so that a device that lost the
 * stream resumes with `Last-Event-ID`. It carries no content: devices fetch and prove that themselves.
 */
export class CheckpointStreams {
  readonly #leader: Growing;
  readonly #open = new Map<string, number>();

  constructor(leader: Growing) {
    this.#leader = leader;
  }

  get count(): number {
    return [...this.#open.values()].reduce((sum, one) => sum + one, 0);
  }

  /** @throws `server.behind` where the reader saw more than there is; `server.busy` with too many streams */
  start(reader: Reader, request: FastifyRequest, reply: FastifyReply): void {
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
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const write = (text: string) => {
      // Signed out, off the roster, or too slow: it ends, and nothing more is kept for it.
      if (!reader.isWelcome() || raw.writableLength > MOST_WAITING) raw.destroy();
      else raw.write(text);
    };
    let told = seen;
    const tell = () => {
      const now = this.#leader.checkpoint().size;
      if (now !== told) write(`id: ${now}\nevent: checkpoint\ndata: ${now}\n\n`);
      told = now;
    };
    write(': open\n\n');
    tell();
    // A roster that changed is a change of the record, and may be the one that sends the reader away.
    const stops = [this.#leader.onChange(tell), reader.onEnd(() => write(': alive\n\n'))];
    const heart = setInterval(() => write(': alive\n\n'), HEARTBEAT);
    raw.on('close', () => {
      for (const stop of stops) stop();
      clearInterval(heart);
      this.#leave(reader.person);
    });
  }

  #admit(person: string): void {
    const own = this.#open.get(person) ?? 0;
    if (own >= MOST_OF_ONE || this.count >= MOST_OF_ALL)
      throw new HalliganError(
        'server.busy',
        'Too many streams are open.',
        'Close the others; a device needs one.',
      );
    this.#open.set(person, own + 1);
  }

  #leave(person: string): void {
    const left = (this.#open.get(person) ?? 1) - 1;
    if (left === 0) this.#open.delete(person);
    else this.#open.set(person, left);
  }
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
