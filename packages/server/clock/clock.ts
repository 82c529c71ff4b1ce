/**
 * The record's clock: never before what was recorded, whatever the machine's does, so that the record's times are in its
 * order. A machine that was set forward and back again while nothing was recorded left no trace in it.
 */
export class Clock {
  #last = 0;
  readonly #read: () => number;

  constructor(read: () => number = Date.now) {
    this.#read = read;
  }

  /** RFC 3339, UTC, milliseconds. */
  now(): string {
    return new Date(Math.max(this.#last, this.#read())).toISOString();
  }

  /** What was recorded, or is about to be: nothing after it happens before it. */
  notBefore(instant: string): void {
    this.#last = Math.max(this.#last, Date.parse(instant));
  }
}
