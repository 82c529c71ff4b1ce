import { HalliganError } from '@halligan/format';
import {
  dueEffects,
  type Effect,
  emergencyById,
  isRotatedByPeople,
  packsDue,
  type State,
} from '@halligan/procedure';
import type { Log } from '../log/log.ts';

/** Longest wait between two tries of an effect that fails, milliseconds. */
const LONGEST_WAIT = 60_000;

/** What effects work with: the durable state, and the means to act. */
export interface Means {
  readonly state: () => State;
  /** The record’s clock, RFC 3339. */
  readonly now: () => string;
  readonly perform: (effect: Effect) => Promise<void>;
  /** Whether an effect that leaves no event was done already. */
  readonly isDone: (effect: Effect) => boolean;
  readonly log: Log;
}

/**
 * Does what the record says is to be done: after each durable change, at the start, and again after a failure, ever
 * more slowly. One at a time for each account or emergency, so that two rotations never race.
 */
export class Effects {
  readonly #means: Means;
  readonly #verified: () => boolean;
  readonly #running = new Map<string, Promise<void>>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** When every pack was last seen to be there: looked for are only those of what was closed or changed since. */
  #packed: State | undefined;
  #stopped = false;

  /** @param verified whether the record that effects follow from was verified: nothing is done before */
  constructor(means: Means, verified: () => boolean = () => true) {
    this.#means = means;
    this.#verified = verified;
  }

  /** Starts whatever is due and not under way. Never throws: what fails is logged by its code and tried again. */
  look(): void {
    if (this.#stopped || !this.#verified()) return;
    const state = this.#means.state();
    const packs = packsDue(state, this.#packed).filter((pack) => !this.#means.isDone(pack));
    if (packs.length === 0) this.#packed = state;
    for (const effect of [...packs, ...dueEffects(state, this.#means.now())]) {
      const key = keyOf(effect);
      if (this.#running.has(key) || this.#waiting(key)) continue;
      if (this.#means.isDone(effect)) continue;
      this.#running.set(key, this.#run(key, effect));
    }
  }

  /**
   * Rotates an account because a person asks: after failures that the server no longer retries by itself.
   * @throws `server.account`, `server.verifying`, `server.in-use` while an emergency uses the credential, or a rotation is under way
   */
  rotateNow(account: string): void {
    if (!this.#verified())
      throw new HalliganError(
        'server.verifying',
        'The server has just started, and still verifies its record: it acts on nothing yet.',
        'Try again when /healthz says "verified": true.',
      );
    const state = this.#means.state();
    const found = state.accounts[account];
    if (found === undefined)
      throw new HalliganError(
        'server.account',
        `There is no account “${account}”.`,
        'See halligan account list.',
      );
    if (isRotatedByPeople(state, found.document.system))
      throw new HalliganError(
        'rotation.by-hand',
        `No program rotates “${account}”.`,
        `People do: halligan account rotate-by-hand ${account}.`,
      );
    const effect: Effect = { do: 'rotate', account };
    const key = keyOf(effect);
    const emergency =
      found.emergency === undefined ? undefined : emergencyById(state, found.emergency);
    const used =
      emergency !== undefined && emergency.ended === undefined && emergency.aborted === undefined;
    if (used || this.#running.has(key)) {
      throw new HalliganError(
        'server.in-use',
        `“${account}” is in use, or being rotated.`,
        'Wait until that is over.',
      );
    }
    this.#running.set(key, this.#run(key, effect));
  }

  /** Resolves when nothing is under way, what follows from it included. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  /** Waits for what is under way, and starts nothing more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(this.#running.values());
  }

  #waiting(key: string): boolean {
    return this.#failures.has(key) && !this.#retrying.has(key);
  }

  readonly #retrying = new Set<string>();

  async #run(key: string, effect: Effect): Promise<void> {
    this.#retrying.delete(key);
    try {
      await this.#means.perform(effect);
      this.#failures.delete(key);
    } catch (cause) {
      this.#means.log('error', effect.do, wordsOf(cause), { effect: key });
      this.#later(key);
    } finally {
      this.#running.delete(key);
    }
    this.look();
  }

  #later(key: string): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    if (this.#stopped) return;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#retrying.add(key);
        this.look();
      },
      Math.min(LONGEST_WAIT, 500 * 2 ** failures),
    );
    timer.unref();
    this.#timers.add(timer);
  }
}

/** An error in our words; one that is not ours may quote a secret, and says its place alone. */
function wordsOf(cause: unknown): string {
  return cause instanceof HalliganError ? `${cause.code}: ${cause.message}` : 'failed unexpectedly';
}

function keyOf(effect: Effect): string {
  switch (effect.do) {
    case 'rotate':
      return `rotate:${effect.account}`;
    case 'kit':
      return `kit:${effect.account}`;
    case 'watch':
      return `watch:${effect.change}`;
    default:
      return `${effect.do}:${effect.emergency}`;
  }
}
