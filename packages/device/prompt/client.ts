import { createConnection } from 'node:net';
import { frame, framesOf, LETTERS } from './frames.ts';

/** Who is at a prompt, and where. */
export interface Caller {
  readonly name: string;
  /** The PAM service. */
  readonly service: string;
  /** Empty where they are at this machine. */
  readonly host?: string;
  readonly terminal?: string;
}

/** What a prompt can do. One that cannot ask still shows. */
export interface Screen {
  say(text: string): void;
  ask?(prompt: string, isHidden: boolean): Promise<Uint8Array | undefined>;
}

export type Verdict =
  | { readonly let: 'in' }
  | { readonly let: 'out'; readonly said: string }
  /** The agent has no say in this: somebody of this machine alone, or nobody known. */
  | { readonly let: 'not-ours' };

/** An agent that works says so every few seconds; one that is silent so long, in milliseconds, is none. */
const SILENCE = 30_000;

/**
 * Asks the agent whether somebody may sign in, or, without a password, whether their account may be used.
 * @param password wiped by whoever calls
 * @returns undefined where no agent answers: nobody is let in for that
 */
export async function callAt(
  path: string,
  { name, service, host = '', terminal = '' }: Caller,
  password: Uint8Array | undefined,
  screen: Screen,
): Promise<Verdict | undefined> {
  const socket = createConnection(path);
  socket.on('error', () => socket.destroy());
  socket.setTimeout(SILENCE, () => socket.destroy());
  const send = (letter: string, content?: Uint8Array | string) => {
    const bytes = frame(letter, content);
    socket.write(bytes, () => bytes.fill(0));
  };
  try {
    send(LETTERS.name, name);
    send(LETTERS.service, service);
    send(LETTERS.host, host);
    send(LETTERS.terminal, terminal);
    if (screen.ask !== undefined) send(LETTERS.converses);
    if (password === undefined) send(LETTERS.account);
    else send(LETTERS.password, password);
    for await (const { letter, bytes } of framesOf(socket)) {
      const text = () => new TextDecoder().decode(bytes);
      switch (letter) {
        case LETTERS.wait:
          break;
        case LETTERS.say:
          screen.say(text());
          break;
        case LETTERS.askHidden:
        case LETTERS.askShown: {
          const typed = await screen.ask?.(text(), letter === LETTERS.askHidden);
          if (typed === undefined) send(LETTERS.none);
          else send(LETTERS.answer, typed);
          typed?.fill(0);
          break;
        }
        case LETTERS.in:
          return { let: 'in' };
        case LETTERS.out:
          return { let: 'out', said: text() };
        case LETTERS.notOurs:
          return { let: 'not-ours' };
        default:
          return undefined;
      }
    }
    return undefined;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}
