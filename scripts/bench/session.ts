import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PracticeRun, practiceRun } from './practice-run.ts';

/** One run of the benchmarks: what its topics share. */
export class Session {
  /** Fewer and smaller runs: a look, not a figure to quote. */
  readonly quick: boolean;
  /** Starts from a million events, too: some minutes and gigabytes more. */
  readonly million: boolean;
  readonly #folder: string;
  readonly #practices = new Map<string, Promise<PracticeRun>>();
  #folders = 0;

  private constructor(quick: boolean, million: boolean, folder: string) {
    this.quick = quick;
    this.million = million;
    this.#folder = folder;
  }

  static async begin(quick: boolean, million: boolean): Promise<Session> {
    return new Session(quick, million, await mkdtemp(join(tmpdir(), 'halligan-bench-')));
  }

  /** A path in the session's folder that nothing uses yet. */
  fresh(): string {
    this.#folders += 1;
    return join(this.#folder, String(this.#folders));
  }

  /** A practice run, made once; what it left on disk may be read, not changed. @param keys see {@link practiceRun} */
  practice(keys: 'real' | 'cheap' = 'real', turn = 0): Promise<PracticeRun> {
    const name = `${keys} ${turn}`;
    const known = this.#practices.get(name);
    if (known !== undefined) return known;
    const run = practiceRun(this.fresh(), keys);
    this.#practices.set(name, run);
    return run;
  }

  /** Measures a piece of work several times. @returns milliseconds each */
  async timed(
    runs: { readonly quick: number; readonly full: number },
    work: () => unknown,
  ): Promise<readonly number[]> {
    const measured: number[] = [];
    for (let turn = 0; turn < (this.quick ? runs.quick : runs.full); turn += 1) {
      const started = performance.now();
      await work();
      measured.push(performance.now() - started);
    }
    return measured;
  }

  async end(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
