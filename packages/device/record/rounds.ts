import type { Handed } from './hand-over.ts';

/** Milliseconds: what happens at once goes together; who is not there is tried again, less and less often. */
const TOGETHER = 1000;
const FIRST_REST = 15_000;
const LONGEST_REST = 900_000;
/** A server that takes no more until a person has looked is asked again, too: they may have. */
const REFUSED_REST = 900_000;
const LONGEST_REFUSED_REST = 14_400_000;

/**
 * Hands over again and again while there is something to hand over, and does nothing while there is not.
 * @param round one round; it is told whether the server is asked first how far it is
 * @param tell told why the server takes no more, once for each reason, and undefined when it does again
 */
export class Rounds {
  readonly #round: (asksFirst: boolean) => Promise<Handed>;
  readonly #tell: (why: string | undefined) => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #rest = FIRST_REST;
  #refusedRest = REFUSED_REST;
  #why: string | undefined;
  #asksFirst = true;
  #isMore = false;
  #isOver = false;

  constructor(
    round: (asksFirst: boolean) => Promise<Handed>,
    tell: (why: string | undefined) => void,
  ) {
    this.#round = round;
    this.#tell = tell;
  }

  /** There is more to hand over. */
  grown(): void {
    this.#isMore = true;
    if (this.#timer === undefined && this.#running === undefined) this.#after(TOGETHER);
  }

  /** No more rounds; resolves once the one under way has ended. */
  async stop(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #after(wait: number): void {
    if (this.#isOver) return;
    // Spread: ten thousand machines come back at once after an outage.
    this.#timer = setTimeout(() => this.#begin(), wait * (0.5 + Math.random() / 2));
    this.#timer.unref();
  }

  #begin(): void {
    this.#timer = undefined;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (this.#isMore && this.#timer === undefined) this.#after(TOGETHER);
    });
  }

  async #run(): Promise<void> {
    this.#isMore = false;
    const handed = await this.#round(this.#asksFirst).catch(failed);
    if (handed === 'all') {
      this.#asksFirst = false;
      this.#rest = FIRST_REST;
      this.#refusedRest = REFUSED_REST;
      this.#say(undefined);
    } else if (handed === 'later') {
      this.#after(this.#rest);
      this.#rest = Math.min(2 * this.#rest, LONGEST_REST);
    } else {
      // Whoever looked may have set the server to what it had: how far it is has to be asked.
      this.#asksFirst = true;
      this.#after(this.#refusedRest);
      this.#refusedRest = Math.min(2 * this.#refusedRest, LONGEST_REFUSED_REST);
      this.#say(handed.stopped);
    }
  }

  #say(why: string | undefined): void {
    if (why === this.#why) return;
    this.#why = why;
    this.#tell(why);
  }
}

function failed(cause: unknown): Handed {
  const isOurs = cause instanceof Error && 'code' in cause && typeof cause.code === 'string';
  return { stopped: isOurs ? String(cause.code) : 'device.fault' };
}
