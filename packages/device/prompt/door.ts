import type { Socket } from 'node:net';
import { utf8Text } from '@halligan/format';
import type { Agent } from '../agent/agent.ts';
import type { Conversation } from '../conversation/conversation.ts';
import { type Frame, frame, framesOf, LETTERS, LONGEST } from './frames.ts';
import { isLocal, type LocalRecords } from './local-people.ts';

/** Milliseconds for a question to arrive, between two signs of life, and for a person to answer. */
const QUESTION_PATIENCE = 5000;
const SIGN_OF_LIFE = 5000;
const PERSON_PATIENCE = 300_000;

const FAULT = 'This machine could not finish the sign-in: the log of halligan-device says why.';

const NOTHING = new Uint8Array(0);

type Frames = AsyncGenerator<Frame, void>;

/** What a prompt's door rests on. */
export interface PromptParts {
  readonly agent: Agent;
  readonly records: () => Promise<LocalRecords>;
  /** Is told what went wrong. */
  readonly told: (fault: unknown) => void;
}

interface PromptQuestion {
  readonly name: string;
  readonly service: string;
  readonly from: 'local' | 'remote';
  /** Whether more can be asked than the password. */
  readonly converses: boolean;
  /** Undefined where the account alone is asked about. */
  readonly password: Uint8Array | undefined;
}

/** One conversation with a prompt. Whatever is no prompt is left without an answer. */
export async function attendPrompt(parts: PromptParts, socket: Socket): Promise<void> {
  socket.on('error', () => socket.destroy());
  const patience = setTimeout(() => socket.destroy(), QUESTION_PATIENCE);
  const frames = framesOf(socket.iterator({ destroyOnReturn: false }));
  try {
    const question = await questionOf(frames);
    clearTimeout(patience);
    const [letter, text] = await verdict(parts, question, frames, socket);
    socket.end(frame(letter, text));
  } catch {
    socket.destroy();
  } finally {
    clearTimeout(patience);
  }
}

/** @returns the last frame: its letter and its text */
async function verdict(
  { agent, records, told }: PromptParts,
  question: PromptQuestion,
  frames: Frames,
  socket: Socket,
): Promise<readonly [string, string]> {
  const { name, service, from, password } = question;
  const alive = setInterval(() => void socket.write(frame(LETTERS.wait)), SIGN_OF_LIFE);
  try {
    if (isLocal(name, await records())) return [LETTERS.notOurs, ''];
    if (password === undefined) return account(agent, name);
    const conversation = conversationOf(question, password, frames, socket);
    const outcome = await agent.signIn({ name, service, from, password }, conversation);
    return outcome.let === 'in' ? [LETTERS.in, ''] : [LETTERS.out, plain(outcome.said)];
  } catch (fault) {
    told(fault);
    return [LETTERS.out, FAULT];
  } finally {
    clearInterval(alive);
    password?.fill(0);
  }
}

function account(agent: Agent, name: string): readonly [string, string] {
  switch (agent.account(name)) {
    case 'open':
      return [LETTERS.in, ''];
    case 'disabled':
      return [LETTERS.out, 'This account is disabled, or was when it was last seen.'];
    case 'unknown':
      return [LETTERS.notOurs, ''];
  }
}

function conversationOf(
  { converses }: PromptQuestion,
  password: Uint8Array,
  frames: Frames,
  socket: Socket,
): Conversation {
  let isOpen = converses;
  return {
    say: (text) => void socket.write(frame(LETTERS.say, plain(text))),
    ask: async (prompt, isHidden) => {
      if (!isOpen) return undefined;
      socket.write(frame(isHidden ? LETTERS.askHidden : LETTERS.askShown, plain(prompt)));
      const patience = setTimeout(() => socket.destroy(), PERSON_PATIENCE);
      const next = await frames.next().catch(() => undefined);
      clearTimeout(patience);
      const typed = next?.value;
      // sshd's method `password` shows nothing and gives the same password to every question: that is no answer.
      const isSame = password.length > 0 && Buffer.compare(typed?.bytes ?? NOTHING, password) === 0;
      isOpen = typed?.letter === LETTERS.answer && !isSame;
      if (isOpen) return typed?.bytes;
      typed?.bytes.fill(0);
      return undefined;
    },
  };
}

/** @throws RangeError for what is no question */
async function questionOf(frames: Frames): Promise<PromptQuestion> {
  const said = new Map<string, string>();
  for (;;) {
    const next = await frames.next();
    if (next.done === true) throw new RangeError('no question');
    const { letter, bytes } = next.value;
    if (letter === LETTERS.password) return questionFrom(said, bytes);
    if (letter === LETTERS.account) return questionFrom(said, undefined);
    if (said.has(letter) || !ABOUT.includes(letter)) throw new RangeError('no question');
    said.set(letter, utf8Text(bytes));
  }
}

const ABOUT: readonly string[] = [
  ...[LETTERS.name, LETTERS.service, LETTERS.host, LETTERS.terminal, LETTERS.converses],
];

function questionFrom(
  said: ReadonlyMap<string, string>,
  password: Uint8Array | undefined,
): PromptQuestion {
  const name = said.get(LETTERS.name) ?? '';
  const service = said.get(LETTERS.service) ?? '';
  if (![name, service].every((one) => /^[^\p{Cc}]{1,256}$/u.test(one)))
    throw new RangeError('no question');
  const isRemote = (said.get(LETTERS.host) ?? '') !== '' || service === 'sshd';
  const converses = said.has(LETTERS.converses);
  return { name, service, from: isRemote ? 'remote' : 'local', converses, password };
}

/** Fit for a terminal: what a provider sent must not move the cursor, nor be longer than a frame. */
function plain(text: string): string {
  return text
    .replace(/[^\P{Cc}\n]/gu, ' ')
    .toWellFormed()
    .slice(0, LONGEST / 4);
}
