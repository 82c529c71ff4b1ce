import type { Size } from './journal.ts';

/** The durable size of a journal, and those who wait for it to grow. */
export class Growth {
  #size: Size;
  #ended = false;
  readonly #waiting = new Set<() => void>();

  constructor(size: Size) {
    this.#size = size;
  }

  get size(): Size {
    return this.#size;
  }

  /** Wakes whoever waits. Only ever told of what is durable. */
  reached(size: Size): void {
    this.#size = size;
    this.#wake();
  }

  /** Wakes whoever waits, for the last time. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Resolves to true as soon as there is more than `size`, to false once the signal aborts or nothing more will come. */
  async beyond(size: Size, signal: AbortSignal): Promise<boolean> {
    while (this.#size <= size && !this.#ended && !signal.aborted) await this.#change(signal);
    return this.#size > size && !this.#ended && !signal.aborted;
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        // A signal may live as long as the server: nothing may pile up on it.
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      signal.addEventListener('abort', wake);
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
