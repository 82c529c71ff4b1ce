import type { Log } from '../log/log.ts';
import { placeOf } from '../log/redaction.ts';
import { Counts } from '../metrics/counts.ts';
import { type Alert, DeliveryError } from './alert.ts';
import type { Outbox, Waiting } from './outbox.ts';

/** How long one try may take, milliseconds. */
const PATIENCE = 30_000;
/** Longest wait between two tries, milliseconds. */
export const LONGEST_WAIT = 15 * 60_000;
/** Longest wait that a receiver may ask for, milliseconds. */
const LONGEST_ASKED = 3_600_000;

/** How one sink is sent an alert: resolves when its receiver has taken it. @throws `alert.undelivered` */
export type Deliver = (alert: Alert, signal: AbortSignal) => Promise<void>;

export interface DispatcherMeans {
  readonly outbox: Outbox;
  /** Called when a receiver took an alert, before that is written down: it may be called again. Never rejects. */
  readonly onDelivered: (alert: Alert, sink: string, at: string) => Promise<void>;
  readonly log: Log;
  readonly now?: () => number;
  /** Milliseconds to wait after so many failures. */
  readonly backoff?: (failures: number) => number;
  readonly patience?: number;
}

/** From two seconds to a quarter of an hour, a random half less: receivers that come back are not hit by all at once. */
export function backoffOf(failures: number): number {
  const full = Math.min(LONGEST_WAIT, 1000 * 2 ** Math.min(failures, 20));
  return Math.round(full * (0.5 + Math.random() / 2));
}

/** Sends what waits, a queue of its own for each sink: one that hangs delays nothing else. */
export class Dispatcher {
  readonly #means: Required<DispatcherMeans>;
  readonly #queues = new Map<string, Queue>();
  /** Tries since this process started: `delivered`, `failed` (it is tried again), `given-up`. */
  readonly sent = new Counts('sink', 'outcome');

  constructor(means: DispatcherMeans) {
    this.#means = { now: Date.now, backoff: backoffOf, patience: PATIENCE, ...means };
  }

  /** The sinks that there are from now on. */
  use(sinks: ReadonlyMap<string, Deliver>): void {
    for (const [name, queue] of this.#queues) {
      if (!sinks.has(name)) {
        this.#queues.delete(name);
        void queue.stop();
      }
    }
    for (const [name, deliver] of sinks) {
      const queue = this.#queues.get(name);
      if (queue === undefined)
        this.#queues.set(name, new Queue(name, deliver, this.#means, this.sent));
      else queue.deliver = deliver;
    }
    this.look();
  }

  /** Sends whatever may be sent now. */
  look(): void {
    for (const queue of this.#queues.values()) queue.look();
  }

  /** Resolves when nothing is under way that could be sent now. */
  async settled(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.idle()));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.stop()));
  }
}

class Queue {
  deliver: Deliver;
  readonly #name: string;
  readonly #means: Required<DispatcherMeans>;
  readonly #sent: Counts;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Failures of the sink itself in a row, and until when it is left alone. */
  #failures = 0;
  #pausedUntil = 0;

  constructor(name: string, deliver: Deliver, means: Required<DispatcherMeans>, sent: Counts) {
    this.#sent = sent;
    this.#name = name;
    this.deliver = deliver;
    this.#means = means;
  }

  look(): void {
    if (this.#stopped.signal.aborted || this.#running !== undefined) return;
    clearTimeout(this.#timer);
    this.#running = this.#run()
      .catch((cause) => this.#stumble(cause))
      .finally(() => {
        this.#running = undefined;
        this.#rest();
      });
  }

  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { outbox, now } = this.#means;
    while (!this.#stopped.signal.aborted) {
      // A clock that was set back must not leave a sink alone for hours.
      if (this.#pausedUntil > now() + LONGEST_ASKED) this.#pausedUntil = now();
      if (this.#pausedUntil > now()) return;
      const waiting = outbox.nextFor(this.#name, now());
      if (waiting === undefined) return;
      await this.#try(waiting);
    }
  }

  async #try({ seq, alert, tries }: Waiting): Promise<void> {
    const { outbox, now, onDelivered, log, backoff, patience } = this.#means;
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(patience)]);
    try {
      await withinSignal(this.deliver(alert, signal), signal);
    } catch (cause) {
      if (this.#stopped.signal.aborted) return;
      const why =
        cause instanceof DeliveryError ? cause : new DeliveryError('it failed', { cause });
      if (!why.isRejected) this.#failures += 1;
      const asked = Math.min(why.wait ?? 0, LONGEST_ASKED);
      const wait = Math.max(asked, backoff(why.isRejected ? tries + 1 : this.#failures));
      if (!why.isRejected) this.#pausedUntil = now() + wait;
      const isOver = outbox.failed(seq, this.#name, now() + wait, now());
      this.#sent.add(this.#name, isOver ? 'given-up' : 'failed');
      log(isOver ? 'error' : 'warning', 'alerts', why.message, {
        sink: this.#name,
        type: alert.type,
        givenUp: isOver,
      });
      return;
    }
    this.#failures = 0;
    const at = new Date(now()).toISOString();
    await onDelivered(alert, this.#name, at);
    outbox.delivered(seq, this.#name, at);
    this.#sent.add(this.#name, 'delivered');
  }

  /** The outbox itself could not be read or written, as on a full disk: what waits stays, and is tried again. */
  #stumble(cause: unknown): void {
    if (this.#stopped.signal.aborted) return;
    const { backoff, log, now } = this.#means;
    this.#failures += 1;
    this.#pausedUntil = now() + backoff(this.#failures);
    const about = { sink: this.#name, why: placeOf(cause) };
    log('error', 'alerts', 'the outbox cannot be read or written', about);
  }

  /** When the next is due; now, where the outbox does not say: the pause after its failure bounds that. */
  #nextTime(): number | undefined {
    try {
      return this.#means.outbox.nextTime(this.#name);
    } catch {
      return 0;
    }
  }

  /** Looks again when something may be tried. */
  #rest(): void {
    if (this.#stopped.signal.aborted) return;
    const { now } = this.#means;
    const next = this.#nextTime();
    if (next === undefined) return;
    const wait = Math.max(next, this.#pausedUntil) - now();
    this.#timer = setTimeout(() => this.look(), Math.min(Math.max(wait, 1), LONGEST_WAIT));
    this.#timer.unref();
  }
}

/** A delivery that does not heed its signal is left behind: it must not hold up its queue. */
export function withinSignal(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => reject(new DeliveryError('it took too long'));
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}
