import { setImmediate as nextTurn } from 'node:timers/promises';
import { HalliganError } from '@halligan/format';
import type { Checkpoint, Size } from './journal.ts';

/**
 * Makes a batch of entries durable as entries `first` and following, in one transaction with one checkpoint. Either
 * resolves with that checkpoint, and all are durable, or rejects, and none is. For a batch of none: the current one.
 */
export type Commit = (batch: readonly Uint8Array[], first: Size) => Promise<Checkpoint>;

/** A batch is closed beyond either of these, so that one transaction stays short. A single append is never split. */
const BATCH_ENTRIES = 10_000;
const BATCH_BYTES = 16 << 20;

interface Waiting {
  readonly entries: readonly Uint8Array[];
  readonly bytes: number;
  readonly resolve: (checkpoint: Checkpoint) => void;
  readonly reject: (error: HalliganError) => void;
}

/**
 * Gathers appends into commits, one at a time: whatever is asked for while one runs goes into the next. It counts
 * what is pending, so that callers can decide on a state that is not durable yet, and takes all of it back when a
 * commit fails.
 */
export class GroupCommit {
  readonly #commit: Commit;
  #durable: Size;
  /** The durable size and everything queued or being committed. */
  #pending: Size;
  #queue: Waiting[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(size: Size, commit: Commit) {
    this.#durable = size;
    this.#pending = size;
    this.#commit = commit;
  }

  /** As `Journal.append`, with entries already encoded. */
  append(entries: readonly Uint8Array[], expect: Size): Promise<Checkpoint> {
    if (this.#closed) return Promise.reject(closed());
    if (expect !== this.#pending) return Promise.reject(conflict(expect, this.#pending));
    this.#pending += entries.length;
    const bytes = entries.reduce((sum, entry) => sum + entry.length, 0);
    const { promise, resolve, reject } = Promise.withResolvers<Checkpoint>();
    this.#queue.push({ entries, bytes, resolve, reject });
    this.#running ??= this.#run();
    return promise;
  }

  /** Takes no more, and resolves once everything queued is committed or refused. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      // Whoever calls in the same turn, or has just learned of the previous commit, joins this one.
      await nextTurn();
      await this.#commitBatch(this.#takeBatch());
    }
    this.#running = undefined;
  }

  #takeBatch(): readonly Waiting[] {
    let [entries, bytes, taken] = [0, 0, 0];
    for (const waiting of this.#queue) {
      entries += waiting.entries.length;
      bytes += waiting.bytes;
      if (taken > 0 && (entries > BATCH_ENTRIES || bytes > BATCH_BYTES)) break;
      taken += 1;
    }
    return this.#queue.splice(0, taken);
  }

  async #commitBatch(batch: readonly Waiting[]): Promise<void> {
    const entries = batch.flatMap((waiting) => waiting.entries);
    let checkpoint: Checkpoint;
    try {
      checkpoint = await this.#commit(entries, this.#durable);
    } catch (cause) {
      this.#takeBack(batch, cause);
      return;
    }
    this.#durable += entries.length;
    for (const waiting of batch) waiting.resolve(checkpoint);
  }

  /** What is still queued was decided on top of the batch that failed, so it fails with it. */
  #takeBack(batch: readonly Waiting[], cause: unknown): void {
    const refused = [...batch, ...this.#queue];
    this.#queue = [];
    this.#pending = this.#durable;
    for (const waiting of refused) waiting.reject(commitFailed(this.#durable, cause));
  }
}

/** What is asked of a journal that was closed. */
export function closed(): HalliganError {
  return new HalliganError(
    'journal.closed',
    'This journal is closed.',
    'The program is stopping: ask again once it runs.',
  );
}

function conflict(expect: Size, pending: Size): HalliganError {
  return new HalliganError(
    'journal.conflict',
    `This was decided upon ${expect} entries, but the journal has ${pending}.`,
    'Decide again on the current state.',
  );
}

function commitFailed(size: Size, cause: unknown): HalliganError {
  const [why, hint] =
    cause instanceof HalliganError
      ? [cause.message, cause.hint]
      : ['The commit failed.', 'See the cause in the log; then try again.'];
  return new HalliganError(
    'journal.commit-failed',
    `Nothing of this was recorded; the size of the journal is still ${size}. ${why}`,
    hint,
    { cause },
  );
}
