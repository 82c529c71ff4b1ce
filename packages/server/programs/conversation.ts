import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { canonicalText, HalliganError, type Json } from '@halligan/format';
import { z } from 'zod';
import { jsonOf } from '../home.ts';

/** Longest a program may take for one answer, milliseconds: systems that hang are given up. */
const PATIENCE = 60_000;

/**
 * A short-lived program of ours, spoken to in JSON lines on its standard streams. It inherits no environment and no
 * socket; what it says on standard error is an error code and nothing else.
 */
class Conversation {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  #complaint = '';

  constructor(program: 'releaser' | 'rotator', keys: string) {
    const script = new URL(`./${program}.ts`, import.meta.url).pathname;
    // Compiled code is kept beside the keys, where nobody else can write: it halves the start.
    const env = { NODE_COMPILE_CACHE: join(dirname(keys), 'compiled') };
    this.#child = spawn(process.execPath, [script, keys], { stdio: 'pipe', env });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-2000);
    });
    this.#child.stdin.on('error', () => undefined);
    this.#child.on('error', () => undefined);
    this.#reader = createInterface({ input: this.#child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Says one thing and waits for one answer. @throws `server.program`, or the program's own error */
  async ask(question: Json): Promise<unknown> {
    this.#child.stdin.write(`${canonicalText(question)}\n`);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE);
    const { value, done } = await this.#lines.next();
    clearTimeout(timer);
    const answer = done === true ? undefined : jsonOf(value);
    if (isAnswer(answer)) {
      if (answer.error === undefined) return answer.ok;
      throw new HalliganError(answer.error.code, answer.error.message, answer.error.hint);
    }
    throw new HalliganError(
      'server.program',
      'A program of the server gave no answer.',
      this.#complaint.trim() || 'It was stopped, or took too long.',
    );
  }

  /** The size of the log that the program last saw: what it is shown next must begin with that. */
  async seen(): Promise<number> {
    const { size } = z.strictObject({ size: z.int() }).parse(await this.ask({ do: 'seen' }));
    return size;
  }

  /** Ends the conversation: the program exits when nobody speaks to it. */
  async end(): Promise<void> {
    const exited =
      this.#child.exitCode !== null || this.#child.signalCode !== null
        ? Promise.resolve()
        : new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin.end();
    await exited;
    this.#reader.close();
  }
}

/** Who talks to a program, one after the other: two at a time would each think the other's log had shrunk. */
const queues = new Map<string, Promise<unknown>>();

/** Holds a whole conversation with a program, alone. @param keys the folder of the program's keys */
export async function talk<T>(
  program: 'releaser' | 'rotator',
  keys: string,
  say: (conversation: Conversation, since: number) => Promise<T>,
): Promise<T> {
  const before = queues.get(keys) ?? Promise.resolve();
  const turn = before.then(async () => {
    const conversation = new Conversation(program, keys);
    try {
      return await say(conversation, await conversation.seen());
    } finally {
      await conversation.end();
    }
  });
  queues.set(
    keys,
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
