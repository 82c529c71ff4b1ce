import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServerHome } from './home.ts';
import type { Log } from './log/log.ts';

/**
 * Whether the data folder still takes writes: a failing disk is made read-only under a running server. Looked at on
 * every beat, by opening a file for writing that is never written: it costs the disk nothing.
 */
export class DiskWatch {
  readonly #path: string;
  readonly #log: Log;
  #writable = true;

  constructor({ root }: Pick<ServerHome, 'root'>, log: Log) {
    this.#path = join(root, '.writable');
    this.#log = log;
  }

  get writable(): boolean {
    return this.#writable;
  }

  /** Never rejects. */
  async look(): Promise<void> {
    const before = this.#writable;
    try {
      await (await open(this.#path, 'a', 0o600)).close();
      this.#writable = true;
    } catch {
      this.#writable = false;
    }
    if (before === this.#writable) return;
    if (before)
      this.#log(
        'error',
        'disk',
        'the data folder cannot be written: who reads is answered, nothing is recorded. See the system’s log',
      );
    else this.#log('warning', 'disk', 'the data folder can be written again');
  }
}
