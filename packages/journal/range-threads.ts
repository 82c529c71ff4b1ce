import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type MessagePort, Worker } from 'node:worker_threads';
import type { MemoryTree } from '@halligan/tlog';
import { type HashedRange, JoinedRanges } from './hashed-range.ts';
import type { Size } from './journal.ts';
import { programFile } from './program-file.ts';

/** How the hashing of a journal is shared among threads. */
export interface Sharing {
  /** How many read and hash beside the one that asks, which puts together. With one, nobody is asked. */
  readonly threads: number;
  /** A journal of fewer entries is hashed by whoever asks. */
  readonly from: Size;
  /** How many entries a thread takes at a time: a power of two. */
  readonly width: Size;
}

/** More would wait for the one that puts together. */
const MOST_THREADS = 4;

/** As many threads as there are processors, for journals that take longer to hash than threads to start. */
export function usualSharing(): Sharing {
  return { threads: Math.min(availableParallelism(), MOST_THREADS), from: 10_000, width: 2048 };
}

/** What threads are told: the ranges of how many entries, of which each takes the next that nobody has taken. */
interface Work {
  readonly size: Size;
  readonly width: Size;
  readonly taken: Int32Array<SharedArrayBuffer>;
}

/** Threads that hash ranges of a journal, and the one who puts these together. */
export class RangeThreads {
  readonly #program: string;
  readonly #data: unknown;
  readonly #count: number;
  readonly #workers: Worker[] = [];
  #take: (range: HashedRange) => void = () => undefined;
  #fail: (reason: unknown) => void = () => undefined;

  /**
   * @param program the file that calls {@link hashRanges}
   * @param data what it needs to know of the journal
   */
  constructor(program: string, data: unknown, count: number) {
    this.#program = program;
    this.#data = data;
    this.#count = count;
  }

  /**
   * The tree over the first entries of a journal, once it was compared with every checkpoint of up to so many.
   * @param width a power of two
   * @throws where anything is wrong, with the journal or with a thread. The threads are of no use then but to be ended.
   */
  async hash(size: Size, width: Size): Promise<MemoryTree> {
    const joined = new JoinedRanges();
    if (size === 0) return joined.tree;
    const early = new Map<Size, HashedRange>();
    const { promise, resolve, reject } = Promise.withResolvers<MemoryTree>();
    this.#fail = reject;
    this.#take = (range) => {
      early.set(range.from, range);
      try {
        for (;;) {
          const next = early.get(joined.tree.size);
          if (next === undefined) return;
          early.delete(next.from);
          joined.join(next);
          if (joined.tree.size === size) resolve(joined.tree);
        }
      } catch (error) {
        reject(error);
      }
    };
    const work: Work = { size, width, taken: new Int32Array(new SharedArrayBuffer(4)) };
    while (this.#workers.length < this.#count) this.#workers.push(this.#start());
    for (const worker of this.#workers) worker.postMessage(work);
    return await promise;
  }

  /** Ends them, whatever they are doing. */
  async end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #start(): Worker {
    const worker = new Worker(this.#program, {
      workerData: this.#data,
      name: 'journal',
      // What this process was started with is not for them: a flag may be one that no thread takes.
      execArgv: [],
      // Each row lies outside of the heap until its object is collected: the less room, the sooner.
      resourceLimits: { maxYoungGenerationSizeMb: 3 },
    });
    worker.on('message', (range: HashedRange) => this.#take(range));
    for (const event of ['error', 'messageerror'])
      worker.on(event, (error: unknown) => this.#fail(error));
    // They end when they are told to, and no sooner.
    worker.on('exit', () => this.#fail(new Error('a thread has ended')));
    return worker;
  }
}

/** What a thread does: hashes ranges as long as there are any, hands each back, and waits for more work. */
export function hashRanges(port: MessagePort, hash: (from: Size, to: Size) => HashedRange): void {
  port.on('message', ({ size, width, taken }: Work) => {
    for (;;) {
      const from = Atomics.add(taken, 0, 1) * width;
      if (from >= size) return;
      const range = hash(from, Math.min(from + width, size));
      const { levels, checkpoints } = range;
      const { sizes, said, inside } = checkpoints;
      port.postMessage(
        range,
        [...levels, sizes, said, inside].map(({ buffer }) => buffer),
      );
    }
  });
}

/**
 * The tree over a journal's first `size` entries, hashed by several threads, and compared with every checkpoint of up to
 * so many; undefined where that is not worth it, and at any doubt, whether about the journal or about a thread: whoever
 * asks reads all of it in order then, and finds what is wrong, if anything is.
 */
export async function hashedByThreads(
  folder: string,
  size: Size,
  { threads: count, from, width }: Sharing,
): Promise<MemoryTree | undefined> {
  if (count < 2 || size < from) return undefined;
  const program = programFile(join(import.meta.dirname, 'range-thread.ts'));
  const threads = new RangeThreads(program, folder, count);
  try {
    return await threads.hash(size, width);
  } catch {
    return undefined;
  } finally {
    await threads.end();
  }
}
