import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { Round } from './round.fixture.ts';

/** What a worker answers. */
const answer = z.union([
  z.strictObject({ line: z.string() }),
  z.strictObject({ broken: z.string() }),
  z.strictObject({
    runs: z.number(),
    emergencies: z.number(),
    counts: z.array(z.tuple([z.string(), z.number()])),
  }),
]);

/** A thread that plays one round after another. */
export class RoundWorker {
  readonly #worker = new Worker(new URL('./worker.ts', import.meta.url));
  readonly #tell: (line: string) => void;

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  /** @throws with the message of what broke a promise */
  play(seed: number, number: number): Promise<Round> {
    const worker = this.#worker;
    const { promise, resolve, reject } = Promise.withResolvers<Round>();
    const hear = (message: unknown) => {
      const said = answer.parse(message);
      if ('line' in said) return this.#tell(said.line);
      worker.off('message', hear);
      worker.off('error', reject);
      if ('broken' in said) reject(new Error(said.broken));
      else resolve(said);
    };
    worker.on('message', hear);
    worker.on('error', reject);
    worker.postMessage({ seed, number });
    return promise;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
