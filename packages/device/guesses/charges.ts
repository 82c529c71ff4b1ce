import {
  afterNone,
  afterRight,
  type Charge,
  charge,
  type Guessed,
  type Guesses,
  nameOf,
  type Origin,
  waitOf,
} from './guesses.ts';

/** What came of a guess that was charged: right, or judged by nobody. A wrong one stays charged. */
export type Judged = 'right' | 'unjudged';

/** Where guesses are counted durably. */
export interface Ledger {
  readonly now: () => number;
  readonly guesses: (from: Origin) => Guesses;
  readonly write: (from: Origin, guesses: Guesses) => void;
}

/** A guess under way. */
export interface OpenCharge {
  /** What to write down when it was judged so; whoever judged writes it, together with what else came of it. */
  settled(judged: Judged, guesses: Guesses): Guesses;
  /** Nothing more comes of it. */
  close(): void;
}

/**
 * Lets guesses be made as they are paid for, durably and before they are judged. Somebody who signs in often at once is
 * not taken for somebody who guesses: a guess that would have to wait, while others against the same user are being
 * judged, first waits for those, a few seconds and no more.
 */
export class Charges {
  /** Those under way, by who is guessed. */
  readonly #open = new Map<string, Set<PromiseWithResolvers<void>>>();
  readonly #patience: () => AbortSignal;

  /** @param patience how long others are waited for */
  constructor(patience: () => AbortSignal = () => AbortSignal.timeout(5000)) {
    this.#patience = patience;
  }

  /** @returns seconds to wait, where nothing was charged */
  async open(ledger: Ledger, from: Origin, guessed: Guessed): Promise<OpenCharge | number> {
    const patience = this.#patience();
    for (;;) {
      const now = ledger.now();
      const wait = waitOf(ledger.guesses(from), guessed, now);
      if (wait === 0) {
        const charged = charge(ledger.guesses(from), guessed, now);
        ledger.write(from, charged.guesses);
        return this.#opened(from, charged.charge);
      }
      const others = this.#open.get(keyOf(from, guessed));
      if (others === undefined || patience.aborted) return wait;
      await Promise.race([ended(patience), ...[...others].map(({ promise }) => promise)]);
    }
  }

  #opened(from: Origin, made: Charge): OpenCharge {
    const name = keyOf(from, made.guessed);
    const mine = Promise.withResolvers<void>();
    const all = this.#open.get(name) ?? new Set();
    this.#open.set(name, all.add(mine));
    return {
      settled: (judged, guesses) =>
        judged === 'right' ? afterRight(guesses, made) : afterNone(guesses, made),
      close: () => {
        all.delete(mine);
        if (all.size === 0 && this.#open.get(name) === all) this.#open.delete(name);
        mine.resolve();
      },
    };
  }
}

function keyOf(from: Origin, guessed: Guessed): string {
  return `${from} ${nameOf(guessed)}`;
}

function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
