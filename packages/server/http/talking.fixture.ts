import { signSignIn } from '@halligan/statement';
import { z } from 'zod';
import { type Contoso, contoso, type Person } from '../contoso.fixture.ts';
import { type RunningServer, type ServerOptions, startServer } from '../start.ts';

/** A server of Contoso's, and people who speak to it. */
export interface Talking {
  readonly contoso: Contoso;
  /** The one that runs now. */
  readonly server: RunningServer;
  readonly restart: () => Promise<void>;
  readonly log: readonly string[];
  /** A session's token. */
  readonly token: (person: Person) => Promise<string>;
  readonly send: (method: string, path: string, call?: Call) => Promise<Response>;
  readonly end: () => Promise<void>;
}

export interface Call {
  readonly token?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @param furnish what is done to its folder before the server starts */
export async function talking(
  others: readonly Person[] = [],
  furnish: (organisation: Contoso) => Promise<void> = async () => undefined,
  options: ServerOptions = {},
): Promise<Talking> {
  const organisation = await contoso(others);
  await furnish(organisation);
  const log: string[] = [];
  const start = () =>
    startServer(organisation.root, (line) => void log.push(line), { level: 'debug', ...options });
  let server = await start();
  const send: Talking['send'] = (method, path, { token, body, headers = {} } = {}) =>
    fetch(new URL(path, server.url), {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    contoso: organisation,
    get server() {
      return server;
    },
    restart: async () => {
      await server.stop();
      server = await start();
    },
    log,
    send,
    token: async (person) => {
      const { challenge } = challengeSchema.parse(
        await (await send('POST', '/v1/sign-in/challenge')).json(),
      );
      const body = await signedAnswer(challenge, person);
      return tokenSchema.parse(await (await send('POST', '/v1/sign-in', { body })).json()).token;
    },
    end: async () => {
      await server.stop();
      await organisation.remove();
    },
  };
}

const challengeSchema = z.object({ challenge: z.string() });
const tokenSchema = z.object({ token: z.string() });

/** A person's answer to a challenge. */
export async function signedAnswer(challenge: string, { card, signing }: Person) {
  const who = { origin: 'localhost/contoso', person: card.id };
  return { person: card.id, challenge, signature: await signSignIn(challenge, who, signing) };
}
