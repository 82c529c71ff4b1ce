import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
} from 'node:http';
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { SecureContext } from 'node:tls';
import { isLoopback } from './loopback.ts';

/** What is asked of somebody else's server. */
export interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As it is; overwritten by the caller where it is secret. */
  readonly body?: Uint8Array | undefined;
  /** Whose certificates are believed: PEM, or a context; those that Node trusts where nothing is said. */
  readonly trust?: string | SecureContext | undefined;
  /** Whose connections; where nothing is said one is made for this request alone, and none outlives it. */
  readonly agent?: HttpAgent;
  /** Most bytes of an answer. */
  readonly limit: number;
  /** Most milliseconds until there is a connection, and whoever is there has shown who they are. */
  readonly connectWithin?: number;
  /** Ends it, at whatever point it is. */
  readonly signal: AbortSignal;
}

/** What was answered. Hostile: its words are data. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

/**
 * There is none: nobody was there, whoever was there could not show who they are, the answer broke off, or it was longer
 * than its limit. Without a cause: it may quote what the other side chose.
 */
export class NoAnswer extends Error {
  readonly why: 'unreachable' | 'untrusted' | 'broken-off' | 'too-long';
  /** Node’s name of the failure, as `ECONNREFUSED`; undefined where it has none. */
  readonly code: string | undefined;

  constructor(why: NoAnswer['why'], cause?: unknown) {
    super(`no answer: ${why}`);
    const { code } = Object(cause);
    this.why = why;
    this.code = typeof code === 'string' && /^[A-Z0-9_]{2,60}$/.test(code) ? code : undefined;
  }
}

class TooLong extends Error {}

/**
 * Asks a server that may hang, reset, drip, never end or speak something else, over TLS that no environment can turn
 * off. Redirects are not followed: they would carry a secret to whom the answer names. Nothing is unpacked.
 * `HTTPS_PROXY` and `NO_PROXY` count, but never for this machine.
 * @throws {@link NoAnswer}, and nothing else
 */
export async function ask(url: URL, asked: Asked): Promise<Answer> {
  const agent = asked.agent ?? ownAgent(url, asked.trust);
  try {
    return await answerTo(url, asked, agent);
  } finally {
    if (agent !== asked.agent) agent.destroy();
  }
}

function ownAgent({ protocol, hostname }: URL, trust: Asked['trust']): HttpAgent {
  const proxy = isLoopback(hostname) ? {} : { proxyEnv: process.env };
  if (protocol !== 'https:') return new HttpAgent(proxy);
  return new HttpsAgent({ ...{ ...proxy, ...believed(trust), rejectUnauthorized: true } });
}

function believed(trust: Asked['trust']): AgentOptions {
  if (trust === undefined) return {};
  return typeof trust === 'string' ? { ca: trust } : { secureContext: trust };
}

function answerTo(url: URL, asked: Asked, agent: HttpAgent): Promise<Answer> {
  const { method, headers, body, limit, connectWithin, signal } = asked;
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const length = body === undefined ? {} : { 'content-length': String(body.length) };
    const sent = send(url, { method, headers: { ...headers, ...length }, agent, signal });
    let stage: NoAnswer['why'] = 'unreachable';
    const fail = (cause?: unknown) => {
      clearTimeout(late);
      reject(new NoAnswer(cause instanceof TooLong ? 'too-long' : stage, cause));
    };
    const late =
      connectWithin === undefined ? undefined : setTimeout(() => sent.destroy(), connectWithin);
    followConnection(sent, (reached) => {
      stage = reached;
      if (reached === 'broken-off') clearTimeout(late);
    });
    sent.on('error', fail);
    // An answer that is none: without these two it would never be over.
    sent.on('upgrade', (_response, socket) => {
      socket.destroy();
      fail();
    });
    sent.on('close', fail);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', fail);
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > limit) response.destroy(new TooLong());
        else chunks.push(chunk);
      });
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, bytes: Buffer.concat(chunks) });
      });
    });
    sent.end(body);
  });
}

/** Says what it is that failed, should it fail from now on. */
function followConnection(
  sent: ClientRequest,
  say: (stage: 'untrusted' | 'broken-off') => void,
): void {
  sent.on('socket', (socket) => {
    const isShown = sent.protocol !== 'https:' || sent.reusedSocket;
    const connected = isShown ? 'broken-off' : 'untrusted';
    if (socket.connecting) socket.once('connect', () => say(connected));
    else say(connected);
    socket.once('secureConnect', () => say('broken-off'));
  });
}
