/** The server's clock: never goes back, whatever the machine's does, so that the record's times are in its order. */
export class Clock {
  #last = 0;
  readonly #read: () => number;

  constructor(read: () => number = Date.now) {
    this.#read = read;
  }

  /** RFC 3339, UTC, milliseconds. */
  now(): string {
    this.#last = Math.max(this.#last, this.#read());
    return new Date(this.#last).toISOString();
  }

  /** The record's last time: nothing after it happens before it. */
  notBefore(instant: string): void {
    this.#last = Math.max(this.#last, Date.parse(instant));
  }
}
