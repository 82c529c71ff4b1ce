import { createInterface, type Interface } from 'node:readline';
import type { View } from '@halligan/evidence';
import { canonicalText, HalliganError, type Json } from '@halligan/format';
import { z } from 'zod';
import { jsonOf } from '../home.ts';
import { type Program, reach, type Transport, type Whereabouts } from './transport.ts';

/** Longest a program may take for one answer, milliseconds: systems that hang are given up. */
const PATIENCE = 60_000;

/** Gives what the record holds of streams from an entry on, with the proof that it goes on from a size. @throws `server.behind` */
export type ViewOf = (streams: Iterable<string>, since: number, from: number) => Promise<View>;

const sawSchema = z.strictObject({ size: z.int(), from: z.int() });

/** A short-lived program of ours, spoken to in JSON lines, one question at a time. */
export class Conversation {
  readonly #way: Transport;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  readonly #viewOf: ViewOf;
  readonly #begun = performance.now();
  #isOver = false;

  constructor(program: Program, where: Whereabouts, viewOf: ViewOf) {
    this.#way = reach(program, where);
    this.#viewOf = viewOf;
    this.#reader = createInterface({ input: this.#way.from });
    // A socket that breaks has no end that a reader of lines would notice.
    this.#way.from.once('close', () => this.#reader.close());
    this.#reader.once('close', () => {
      this.#isOver = true;
    });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Milliseconds since it began. */
  get age(): number {
    return performance.now() - this.#begun;
  }

  /** Whether the program has hung up. */
  get isOver(): boolean {
    return this.#isOver;
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

  /** What the record holds of streams, to show the program: it goes on from the log that the program last saw. */
  async view(streams: Iterable<string>): Promise<Json> {
    const asked = [...streams];
    const { size, from } = sawSchema.parse(await this.ask({ do: 'seen', streams: asked }));
    return (await this.#viewOf(asked, size, from)) as unknown as Json;
  }

  /** Ends the conversation: the program exits when nobody speaks to it. */
  async end(): Promise<void> {
    const gone = this.#way.gone();
    this.#way.to.end();
    await gone;
    this.#reader.close();
  }
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
