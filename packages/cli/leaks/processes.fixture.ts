import { readFileSync } from 'node:fs';

/** How often is looked, milliseconds: a rotator lives ten times as long. */
const OFTEN = 20;

/** What processes were started with, parameters and environment, from now on. Linux only. */
export class WatchedProcesses {
  /** By id and parameters: a process that was seen too early looks like the one that started it. */
  readonly #seen = new Map<string, Buffer>();
  readonly #timer: NodeJS.Timeout;
  readonly #isOurs: (parameters: string) => boolean;

  /** @param isOurs which children of this process are looked at, with all that they start */
  constructor(isOurs: (parameters: string) => boolean) {
    this.#isOurs = isOurs;
    this.#timer = setInterval(() => this.#look(), OFTEN);
    this.#timer.unref();
  }

  #look(): void {
    for (const child of childrenOf(process.pid))
      if (this.#isOurs(read(child, 'cmdline').toString())) this.#take(child);
  }

  #take(pid: number): void {
    const parameters = read(pid, 'cmdline');
    const key = `${pid} ${parameters.toString('latin1')}`;
    if (!this.#seen.has(key))
      this.#seen.set(key, Buffer.concat([parameters, read(pid, 'environ')]));
    for (const child of childrenOf(pid)) this.#take(child);
  }

  /** Stops looking. @returns what each process was started with */
  end(): readonly Buffer[] {
    clearInterval(this.#timer);
    return [...this.#seen.values()];
  }
}

function childrenOf(pid: number): readonly number[] {
  const children = read(pid, `task/${pid}/children`).toString().trim();
  return children === '' ? [] : children.split(' ').map(Number);
}

/** Empty where it has ended in the meantime. */
function read(pid: number, file: string): Buffer {
  try {
    return readFileSync(`/proc/${pid}/${file}`);
  } catch {
    return Buffer.alloc(0);
  }
}
