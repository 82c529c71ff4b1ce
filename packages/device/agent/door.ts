import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { HalliganError, utf8, utf8Text } from '@halligan/format';
import { z } from 'zod';
import { enrolSchemas } from '../factor/enrol.ts';
import { attendPrompt } from '../prompt/door.ts';
import { joinedWiped } from '../prompt/frames.ts';
import { type LocalRecords, machineRecords } from '../prompt/local-people.ts';
import type { Agent } from './agent.ts';

/** Where the agent listens: in a folder of root's alone, so that nobody else can even knock. */
export const SOCKET = '/run/halligan-device/agent.sock';

/** Beside it, where PAM asks. */
export const PROMPT_SOCKET = promptSocketBeside(SOCKET);

const LONGEST_QUESTION = 8192;
const LONGEST_ANSWER = 16 << 20;
/** Milliseconds for a question to arrive. */
const PATIENCE = 5000;
const MOST_AT_ONCE = 128;

const name = z.string().min(1).max(256);
const questionSchema = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('status') }),
  z.strictObject({ ask: z.literal('forget'), name }),
  z.strictObject({
    ask: z.literal('breakglass'),
    ttlSeconds: z.int().min(0).exactOptional(),
    by: name,
    why: z.string().max(1000),
  }),
  ...enrolSchemas,
]);

/** What an agent is asked. */
export type Question = z.infer<typeof questionSchema>;

const answerSchema = z.union([
  z.strictObject({ answer: z.json() }),
  z.strictObject({
    refused: z.strictObject({ code: z.string(), message: z.string(), hint: z.string() }),
  }),
]);

/** What a door rests on besides its agent. */
export interface DoorParts {
  /** Who is this machine's own. */
  readonly records?: () => Promise<LocalRecords>;
  /** Is told what went wrong: whoever asked is told that it did, and no more. */
  readonly told?: (fault: unknown) => void;
}

/**
 * Lets an agent be asked over two sockets. At `path`, by administrators: a line of JSON, the bytes of a secret behind it
 * where there is one, a line of JSON in answer. Beside it, `prompt.sock`: a conversation with whoever is at a prompt
 * (`prompt/frames.ts`). One question a connection. Node cannot say who is at the other end: that only root comes as far is
 * what the folder, 0700, and the socket, 0600, are for. Full of prompts, it still answers for its state.
 */
export async function openDoor(
  agent: Agent,
  path: string,
  { records = machineRecords, told = () => undefined }: DoorParts = {},
): Promise<{ close(): Promise<void> }> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  chmodSync(dirname(path), 0o700);
  const doors = [
    await openAt(path, (socket) => void attend(agent, socket, told)),
    await openAt(
      promptSocketBeside(path),
      (socket) => void attendPrompt({ agent, records, told }, socket),
    ),
  ];
  return {
    close: async () => {
      await Promise.all(doors.map((door) => door.close()));
    },
  };
}

export function promptSocketBeside(path: string): string {
  return join(dirname(path), 'prompt.sock');
}

/** Closed, it hangs up on whoever is still there: a person may think for minutes. */
async function openAt(path: string, attendOne: (socket: Socket) => void) {
  rmSync(path, { force: true });
  const there = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    there.add(socket);
    socket.once('close', () => there.delete(socket));
    attendOne(socket);
  });
  server.maxConnections = MOST_AT_ONCE;
  await listen(server, path);
  chmodSync(path, 0o600);
  return {
    close: () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of there) socket.destroy();
      return closed;
    },
  };
}

async function attend(agent: Agent, socket: Socket, told: (fault: unknown) => void): Promise<void> {
  socket.on('error', () => socket.destroy());
  socket.setTimeout(PATIENCE, () => socket.destroy());
  try {
    const { question, secret } = await questionOf(socket);
    socket.setTimeout(0);
    try {
      answer(socket, { answer: (await asked(agent, question, secret)) ?? null });
    } finally {
      secret.fill(0);
    }
  } catch (cause) {
    if (!(cause instanceof HalliganError)) told(cause);
    const { code, message, hint } = cause instanceof HalliganError ? cause : fault(cause);
    answer(socket, { refused: { code, message, hint } });
  }
}

async function asked(agent: Agent, question: Question, secret: Uint8Array): Promise<unknown> {
  switch (question.ask) {
    case 'status':
      return agent.status();
    case 'forget':
      return agent.forget(question.name);
    case 'breakglass':
      return agent.breakglass(question.ttlSeconds, question.by, question.why);
    default:
      return agent.enrol(question, secret);
  }
}

/** Reads one question. @throws `device.question` */
async function questionOf(
  socket: Socket,
): Promise<{ readonly question: Question; readonly secret: Uint8Array }> {
  let bytes = new Uint8Array(0);
  let question: Question | undefined;
  let end = -1;
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    bytes = joinedWiped(bytes, chunk);
    if (question === undefined) {
      end = bytes.indexOf(0x0a);
      if (end === -1 && bytes.length > LONGEST_QUESTION) throw notAQuestion();
      if (end === -1) continue;
      question = parseQuestion(utf8Text(bytes.subarray(0, end)));
    }
    const wanted = 'secret' in question ? question.secret : 0;
    const secret = bytes.slice(end + 1);
    if (secret.length > wanted) throw notAQuestion();
    if (secret.length === wanted) {
      bytes.fill(0);
      return { question, secret };
    }
    secret.fill(0);
  }
  throw notAQuestion();
}

/** @throws `device.question` */
export function parseQuestion(text: string): Question {
  try {
    return questionSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw notAQuestion(cause);
  }
}

/**
 * Asks the agent.
 * @throws `device.no-agent` where none answers, and what the agent refuses with
 */
export async function ask(
  path: string,
  question: Question,
  secret: Uint8Array = new Uint8Array(0),
): Promise<unknown> {
  const reply = answerOf(path, await exchange(path, question, secret));
  if ('answer' in reply) return reply.answer;
  const { code, message, hint } = reply.refused;
  throw new HalliganError(code, message, hint);
}

/** @throws `device.no-agent` where whoever answered is none */
function answerOf(path: string, text: string): z.infer<typeof answerSchema> {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw noAgent(path, cause);
  }
}

function exchange(path: string, question: Question, secret: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    const pieces: Uint8Array[] = [];
    let size = 0;
    socket.once('error', (cause) => reject(noAgent(path, cause)));
    socket.on('data', (piece) => {
      size += piece.length;
      if (size > LONGEST_ANSWER) socket.destroy(new RangeError('too long'));
      else pieces.push(Buffer.from(piece));
    });
    socket.once('end', () => {
      if (size === 0) reject(noAgent(path));
      else resolve(Buffer.concat(pieces).toString());
      socket.destroy();
    });
    socket.once('close', () => reject(noAgent(path)));
    socket.write(utf8(`${JSON.stringify(question)}\n`));
    socket.write(secret);
  });
}

function answer(socket: Socket, what: unknown): void {
  socket.end(`${JSON.stringify(what)}\n`);
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

function notAQuestion(cause?: unknown): HalliganError {
  return new HalliganError(
    'device.question',
    'The agent was asked something that it does not understand.',
    'Use the program of the agent’s own version.',
    { cause },
  );
}

function fault(cause: unknown): HalliganError {
  return new HalliganError('device.fault', 'The agent could not do this.', 'Look into its log.', {
    cause,
  });
}

function noAgent(path: string, cause?: unknown): HalliganError {
  return new HalliganError(
    'device.no-agent',
    `No agent answers at ${path}.`,
    'Ask as root. If nothing runs there, start the agent.',
    { cause },
  );
}
