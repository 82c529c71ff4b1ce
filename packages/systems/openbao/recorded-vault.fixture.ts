/**
 * Exchanges with a real OpenBao, recorded by `scripts/record-openbao.ts` through a proxy on loopback, and played back to
 * the same code by a small server: the ordinary suite needs no vault, and no word of an answer is invented.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { HalliganError, utf8Text } from '@halligan/format';
import { z } from 'zod';
import type { VaultAddress } from './line.ts';

/** One request as it was sent, and the answer as it came. */
const exchange = z.strictObject({
  method: z.string(),
  path: z.string(),
  token: z.string().optional(),
  wrap: z.string().optional(),
  sent: z.string().optional(),
  status: z.int(),
  said: z.string(),
});
export type Exchange = z.infer<typeof exchange>;

export const recording = z.strictObject({
  note: z.string(),
  vault: z.string(),
  given: z.record(z.string(), z.string()),
  exchanges: z.array(exchange),
});
export type Recording = z.infer<typeof recording>;

/** A vault behind a server on loopback. */
export interface BehindLoopback {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Passes every request on to the real vault, and writes down what came and went. */
export async function recordVault(
  real: VaultAddress,
  exchanges: Exchange[],
): Promise<BehindLoopback> {
  return serve(async (asked, sent) => {
    const answer = await forward(real, asked, sent);
    exchanges.push({ ...spoken(asked, sent), ...answer });
    return answer;
  });
}

/** Gives the recorded answers, in order, to the recorded requests alone; anything else is answered by 599. */
export async function replayVault(exchanges: readonly Exchange[]): Promise<
  BehindLoopback & {
    /** What was asked otherwise than it was recorded, or not at all. */
    readonly missing: () => readonly string[];
  }
> {
  const left = [...exchanges];
  const wrong: string[] = [];
  const server = await serve(async (asked, sent) => {
    const { status, said, ...expected } = left[0] ?? { status: 599, said: '' };
    const got = spoken(asked, sent);
    if (JSON.stringify(sorted(got)) !== JSON.stringify(sorted(expected))) {
      wrong.push(`${got.method} ${got.path} was not recorded here`);
      return { status: 599, said: '' };
    }
    left.shift();
    return { status, said };
  });
  return {
    ...server,
    missing: () => [...wrong, ...left.map(({ method, path }) => `${method} ${path} was not asked`)],
  };
}

function sorted(members: object): readonly (readonly [string, unknown])[] {
  return Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1));
}

function spoken(asked: IncomingMessage, sent: string) {
  const token = asked.headers['x-vault-token'];
  const wrap = asked.headers['x-vault-wrap-ttl'];
  return {
    method: asked.method ?? '',
    path: asked.url ?? '',
    ...(token === undefined ? {} : { token: String(token) }),
    ...(wrap === undefined ? {} : { wrap: String(wrap) }),
    ...(sent === '' ? {} : { sent }),
  };
}

type Answer = Pick<Exchange, 'status' | 'said'>;

async function serve(
  answer: (asked: IncomingMessage, sent: string) => Promise<Answer>,
): Promise<BehindLoopback> {
  const handle = async (asked: IncomingMessage, response: ServerResponse) => {
    const { status, said } = await answer(asked, await textOf(asked));
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(said);
  };
  const server: Server = createServer((asked, response) => {
    handle(asked, response).catch(() => response.writeHead(599).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new HalliganError('systems.config', 'There is no port.', 'Try again.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function textOf(message: IncomingMessage): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of message) parts.push(part);
  return utf8Text(Buffer.concat(parts));
}

function forward(real: VaultAddress, asked: IncomingMessage, sent: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { host: _, connection: __, ...headers } = asked.headers;
    const request = httpsRequest(
      `${real.url}${asked.url}`,
      { method: asked.method, headers, agent: false, ca: real.ca },
      (response) => {
        textOf(response).then(
          (said) => resolve({ status: response.statusCode ?? 0, said }),
          reject,
        );
      },
    );
    request.on('error', reject);
    request.end(sent);
  });
}
