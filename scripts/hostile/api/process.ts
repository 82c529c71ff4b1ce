import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type Ids, KNOWN } from './known.ts';
import type { Upon } from './statements.ts';

const idsSchema = z.custom<Ids>(
  (value) => z.record(z.enum(KNOWN), z.array(z.string())).safeParse(value).success,
);
const factsSchema = z.object({
  upon: z.custom<Upon>((value) => z.looseObject({ now: z.string() }).safeParse(value).success),
  people: z.array(z.object({ id: z.string(), roles: z.array(z.string()), kind: z.string() })),
  links: z.int(),
  ids: idsSchema,
});
const messageSchema = z.object({
  url: z.string().optional(),
  wrong: z.string().optional(),
  facts: factsSchema.optional(),
  memory: z.object({ heap: z.number(), rss: z.number() }).optional(),
  state: z.object({ size: z.int(), digest: z.string() }).optional(),
});
type Message = z.infer<typeof messageSchema>;

export type Facts = z.infer<typeof factsSchema>;

/** The server, as a process that can be asked. */
export class Served {
  readonly url: string;
  /** Everything that it said. */
  readonly log: readonly string[];
  /** What went wrong in it that no answer tells. */
  readonly wrong: readonly string[];
  readonly #child: ChildProcess;

  private constructor(
    child: ChildProcess,
    url: string,
    log: readonly string[],
    wrong: readonly string[],
  ) {
    this.#child = child;
    this.url = url;
    this.log = log;
    this.wrong = wrong;
  }

  static async start(root: string): Promise<Served> {
    const child = fork(join(import.meta.dirname, 'served.ts'), [root], {
      execArgv: ['--expose-gc'],
      env: {},
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const log: string[] = [];
    const wrong: string[] = [];
    if (child.stderr !== null)
      createInterface({ input: child.stderr }).on('line', (line) => void log.push(line));
    child.on('message', (message) => {
      const told = messageSchema.parse(message).wrong;
      if (told !== undefined) wrong.push(told);
    });
    child.once('exit', (code, signal) => {
      if (code !== 0)
        wrong.push(`the server ended: ${code ?? signal}: ${log.slice(-5).join('\n')}`);
    });
    const { url } = await heard(child, ({ url: told }) => told !== undefined);
    return new Served(child, url ?? '', log, wrong);
  }

  async facts(): Promise<Facts> {
    const { facts } = await this.#ask('facts', (one) => one.facts !== undefined);
    if (facts === undefined) throw new Error('no facts came');
    return facts;
  }

  /** MiB after a collection. */
  async memory(): Promise<{ readonly heap: number; readonly rss: number }> {
    const { memory } = await this.#ask('memory', (one) => one.memory !== undefined);
    if (memory === undefined) throw new Error('no figures came');
    return memory;
  }

  /** When everything that follows from the record so far is done. */
  async state(): Promise<{ readonly size: number; readonly digest: string }> {
    const { state } = await this.#ask('state', (one) => one.state !== undefined);
    if (state === undefined) throw new Error('no state came');
    return state;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
  }

  async #ask(what: string, is: (message: Message) => boolean): Promise<Message> {
    const told = heard(this.#child, is);
    this.#child.send(what);
    return told;
  }
}

/** The next message that is what is waited for; rejects where the process ends before. */
function heard(child: ChildProcess, is: (message: Message) => boolean): Promise<Message> {
  return new Promise((resolve, reject) => {
    const done = () => {
      child.off('message', take);
      child.off('exit', ended);
    };
    const take = (raw: unknown) => {
      const message = messageSchema.parse(raw);
      if (!is(message)) return;
      done();
      resolve(message);
    };
    const ended = () => {
      done();
      reject(new Error('the server ended'));
    };
    child.on('message', take);
    child.on('exit', ended);
  });
}
