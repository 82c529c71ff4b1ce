import { createInterface, type Interface } from 'node:readline';
import { canonicalText, HalliganError, type Json } from '@halligan/format';
import { z } from 'zod';
import { jsonOf } from '../home.ts';
import { type Program, reach, type Transport, type Whereabouts } from './transport.ts';

/** Longest a program may take for one answer, milliseconds: systems that hang are given up. */
const PATIENCE = 60_000;

/** A short-lived program of ours, spoken to in JSON lines, one question at a time. */
class Conversation {
  readonly #way: Transport;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  constructor(program: Program, where: Whereabouts) {
    this.#way = reach(program, where);
    this.#reader = createInterface({ input: this.#way.from });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Says one thing and waits for one answer. @throws `server.program`, or the program's own error */
  async ask(question: Json): Promise<unknown> {
    this.#way.to.write(`${canonicalText(question)}\n`);
    const timer = setTimeout(() => this.#way.abandon(), PATIENCE);
    const line = await this.#line();
    clearTimeout(timer);
    const answer = line === undefined ? undefined : jsonOf(line);
    if (isAnswer(answer)) {
      if (answer.error === undefined) return answer.ok;
      throw new HalliganError(answer.error.code, answer.error.message, answer.error.hint);
    }
    throw new HalliganError(
      'server.program',
      'A program of the server gave no answer.',
      this.#way.complaint() || 'It was stopped, or took too long.',
    );
  }

  /** The next line; undefined where the program has gone, or was never there. */
  async #line(): Promise<string | undefined> {
    try {
      const { value, done } = await this.#lines.next();
      return done === true ? undefined : value;
    } catch {
      return undefined;
    }
  }

  /** The size of the log that the program last saw: what it is shown next must begin with that. */
  async seen(): Promise<number> {
    const { size } = z.strictObject({ size: z.int() }).parse(await this.ask({ do: 'seen' }));
    return size;
  }

  /** Ends the conversation: the program exits when nobody speaks to it. */
  async end(): Promise<void> {
    const gone = this.#way.gone();
    this.#way.to.end();
    await gone;
    this.#reader.close();
  }
}

/** Who talks to a program, one after the other: two at a time would each think the other's log had shrunk. */
const queues = new Map<string, Promise<unknown>>();

/** Holds a whole conversation with a program, alone. */
export async function talk<T>(
  program: Program,
  where: Whereabouts,
  say: (conversation: Conversation, since: number) => Promise<T>,
): Promise<T> {
  const queue = 'keys' in where ? where.keys : where.socket;
  const before = queues.get(queue) ?? Promise.resolve();
  const turn = before.then(async () => {
    const conversation = new Conversation(program, where);
    try {
      return await say(conversation, await conversation.seen());
    } finally {
      await conversation.end();
    }
  });
  queues.set(
    queue,
    turn.catch(() => undefined),
  );
  return turn;
}

interface Answer {
  readonly ok?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
}

function isAnswer(value: unknown): value is Answer {
  return typeof value === 'object' && value !== null && ('ok' in value || 'error' in value);
}

/**
 * The other side: answers each line with what `answer` makes of it. An error is told by code, message and hint, never
 * by its cause, which may hold what a system said.
 */
export async function converse(answer: (question: unknown) => Promise<Json>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${canonicalText(await answered(answer, line))}\n`);
  }
}

async function answered(answer: (question: unknown) => Promise<Json>, line: string): Promise<Json> {
  try {
    return { ok: await answer(jsonOf(line)) };
  } catch (error) {
    const { code, message, hint } =
      error instanceof HalliganError
        ? error
        : {
            code: 'server.program-fault',
            message: 'A program of the server failed.',
            hint: 'This is a fault of Halligan’s: report it with the code.',
          };
    process.stderr.write(`${code}\n`);
    return { error: { code, message, hint } };
  }
}
