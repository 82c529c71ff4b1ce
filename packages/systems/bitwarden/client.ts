import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { Agent } from 'node:http';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import type { Duplex } from 'node:stream';
import { HalliganError, utf8 } from '@halligan/format';
import { z } from 'zod';
import { jsonOfBytes } from '../openbao/line.ts';
import { changed } from '../vault/entry.ts';
import { exchangeJson, notAnAnswer } from '../vault/exchange.ts';
import type { BitwardenStore } from '../vault/settings.ts';

/** Bitwarden's own client, unlocked, for one operation. */
export interface Client {
  /** @returns what it gave, `data` of its answer. @throws as `ask` */
  ask(method: 'GET' | 'POST' | 'PUT', path: string, body?: Uint8Array): Promise<unknown>;
}

const Answer = z.object({
  success: z.boolean(),
  message: z.string().optional(),
  data: z.unknown().optional(),
});
const Status = z.object({
  template: z.object({ status: z.enum(['unauthenticated', 'locked', 'unlocked']) }),
});

/** The one descriptor that the client serves on: our end is a socket that nothing else can open. */
const SERVED = 3;

/**
 * Runs `bw serve` over an inherited socket for one operation: unlocked by a request on it, so that neither the master
 * password nor the session key stands in an argument, an environment, a file or behind a port. Locked and ended after.
 * @param secret the master password
 * @throws `systems.program-missing`, `systems.vault-signed-out`, `systems.rotator-rejected`, and as `ask`
 */
export async function withClient<T>(
  store: BitwardenStore,
  secret: Uint8Array,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  await access(store.program, constants.X_OK).catch(() => {
    throw missing(store);
  });
  const signal = AbortSignal.timeout(store.timeout);
  const child = serve(store);
  // An end shows at the socket.
  child.once('error', () => undefined);
  const socket = child.stdio[SERVED];
  if (!isDuplex(socket)) throw missing(store);
  socket.on('error', () => undefined);
  const agent = new OneSocket(socket);
  const client: Client = { ask: (...asked) => ask({ agent, signal }, ...asked) };
  try {
    await unlock(client, secret);
    const done = await work(client);
    await client.ask('POST', '/lock');
    return done;
  } finally {
    agent.destroy();
    socket.destroy();
    endGroup(child);
  }
}

function serve({ program, data }: BitwardenStore): ChildProcess {
  return spawn(program, ['serve', '--hostname', `fd+connected://${SERVED}`], {
    cwd: '/',
    // A group of its own, so that ending it ends what it started.
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: {
      PATH: `${dirname(program)}:/usr/local/bin:/usr/bin:/bin`,
      LC_ALL: 'C.UTF-8',
      HOME: homedir(),
      ...(data === undefined ? {} : { BITWARDENCLI_APPDATA_DIR: data }),
      // The organisation's own authority: a self-hosted server's certificate. No secret.
      ...(process.env.NODE_EXTRA_CA_CERTS === undefined
        ? {}
        : { NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS }),
    },
  });
}

async function unlock(client: Client, secret: Uint8Array): Promise<void> {
  const said = await client.ask('GET', '/status').catch((error: unknown) => {
    // Signed out, it says so where nobody listens, and ends.
    throw error instanceof HalliganError && error.code === 'systems.connection-lost'
      ? signedOut()
      : error;
  });
  const { template } = saidAs(Status, said);
  if (template.status === 'unauthenticated') throw signedOut();
  const body = jsonOfBytes({ password: secret });
  try {
    // What it answers is the session key: it stays where it is, and is looked at by nobody.
    await client.ask('POST', '/unlock', body);
  } finally {
    body.fill(0);
  }
}

interface Line {
  readonly agent: Agent;
  readonly signal: AbortSignal;
}

/**
 * One request to the client's own interface.
 * @throws `systems.connection-lost` where it ended, `systems.rotator-rejected`, `systems.vault-locked`,
 * `systems.vault-changed`, `systems.insufficient-access`, `systems.unreachable` where its server cannot be reached,
 * `systems.unwilling`, `systems.timeout`
 */
async function ask(
  { agent, signal }: Line,
  method: string,
  path: string,
  body?: Uint8Array,
): Promise<unknown> {
  // The client compares the name that it is called by with its own port, which it has not.
  const url = new URL(`http://localhost:8087${path}`);
  const answer = await exchangeJson({ url, method, headers: {}, body, agent, signal });
  const said = saidAs(Answer, answer.said);
  if (answer.status === 200 && said.success) return said.data;
  throw refused(path, said.message ?? '');
}

/** What the client's words mean. They are compared only: a hostile server could have chosen them. */
function refused(path: string, message: string): HalliganError {
  if (path === '/unlock')
    return new HalliganError(
      'systems.rotator-rejected',
      'Bitwarden’s client does not accept the master password.',
      'Give the one of the account that the client is signed in as; see docs/systems/bitwarden.md.',
    );
  if (path.startsWith('/sync'))
    return new HalliganError(
      'systems.unreachable',
      'Bitwarden’s client cannot reach its server, or is not accepted there.',
      'Try by hand: bw sync. An outdated server or client says so there.',
    );
  if (/locked/i.test(message))
    return new HalliganError(
      'systems.vault-locked',
      'Bitwarden’s client is locked again.',
      'Look for what else uses the same data folder: give Halligan one of its own.',
    );
  if (/not logged in/i.test(message)) return signedOut();
  if (/out of date/i.test(message)) return changed();
  if (/permission|not found/i.test(message))
    return new HalliganError(
      'systems.insufficient-access',
      'This account may not do that in the collection.',
      'Give it “Edit items” on that collection, and on no other: docs/systems/bitwarden.md.',
    );
  return new HalliganError(
    'systems.unwilling',
    'Bitwarden’s client did not do it.',
    'Try by hand: bw list collections, bw sync. What it says is not repeated here.',
  );
}

/** @throws `systems.unwilling` */
export function saidAs<T>(schema: z.ZodType<T>, said: unknown): T {
  const parsed = schema.safeParse(said);
  if (!parsed.success) throw notAnAnswer();
  return parsed.data;
}

export function bodyOf(value: unknown): Uint8Array {
  return utf8(JSON.stringify(value));
}

/** Every request goes over the one socket, one after the other. */
class OneSocket extends Agent {
  readonly #socket: Duplex;

  constructor(socket: Duplex) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#socket = socket;
  }

  override createConnection(): Duplex {
    return this.#socket;
  }
}

function isDuplex(stream: unknown): stream is Duplex {
  return typeof stream === 'object' && stream !== null && 'read' in stream && 'write' in stream;
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself meanwhile.
  }
}

function missing({ program }: BitwardenStore): HalliganError {
  return new HalliganError(
    'systems.program-missing',
    `${program} is not there, or cannot be run.`,
    'Install Bitwarden’s command-line client, and name it in the store’s settings.',
  );
}

function signedOut(): HalliganError {
  return new HalliganError(
    'systems.vault-signed-out',
    'Bitwarden’s client is not signed in, or ended at once.',
    'Sign it in once by hand, in the store’s data folder: bw login. See docs/systems/bitwarden.md.',
  );
}
