import { Agent, request } from 'node:https';
import { isIP } from 'node:net';
import { trusted } from './trusted.ts';

/** Nobody answered within the time, nobody who is trusted did, or nobody whose answer is one. */
export class NotReached extends Error {}

/** The provider asks for a pause (RFC 6585 section 4). */
export class HeldUp extends Error {}

/** What is asked. */
export interface Asked {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
  /** PEM of the authority to trust; undefined trusts what the machine trusts. */
  readonly ca: string | undefined;
  /** Ends it, at whatever point it is. */
  readonly signal: AbortSignal;
}

/** Most bytes of an answer: documents, keys and tokens are a few thousand each. */
const LIMIT = 256 << 10;
/** Milliseconds until there is a connection, and whoever is there has shown who they are. */
const CONNECT_PATIENCE = 3000;

/**
 * Asks over verified TLS. Redirects are not followed, since they would carry a password to whom the answer names;
 * nothing is unpacked, and no connection outlives its answer.
 * @throws {@link NotReached}, also for answers of 500 and more; {@link HeldUp}
 */
export async function exchange(
  url: string,
  { method, headers, body, ca, signal }: Asked,
): Promise<Response> {
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'https:') throw new NotReached('no TLS');
  // HTTPS_PROXY and NO_PROXY count, but never for this machine.
  const proxy = isLoopback(hostname) ? {} : { proxyEnv: process.env };
  const agent = new Agent({
    ...{ ...proxy, secureContext: trusted(ca), rejectUnauthorized: true },
  });
  const length = body === undefined ? {} : { 'content-length': String(body.length) };
  const sent = request(url, { method, headers: { ...headers, ...length }, agent, signal });
  const late = setTimeout(() => sent.destroy(), CONNECT_PATIENCE);
  sent.on('socket', (socket) => socket.once('secureConnect', () => clearTimeout(late)));
  try {
    return await new Promise((resolve, reject) => {
      // Without the cause: it may quote what the other side chose.
      const fail = () => reject(new NotReached('no answer'));
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
          if (size > LIMIT) response.destroy(new NotReached('too long'));
          else chunks.push(chunk);
        });
        response.on('end', () => {
          const { statusCode: status = 0 } = response;
          if (status === 429) reject(new HeldUp());
          else if (status < 200 || status >= 500) fail();
          else resolve(responseOf(status, response.headers, Buffer.concat(chunks)));
        });
      });
      sent.end(body);
    });
  } finally {
    clearTimeout(late);
    agent.destroy();
  }
}

/** With those headers alone that somebody reads. */
function responseOf(
  status: number,
  { 'content-type': type = '', 'www-authenticate': challenge }: NodeJS.Dict<string | string[]>,
  body: Buffer<ArrayBuffer>,
): Response {
  const headers = new Headers({ 'content-type': String(type) });
  if (challenge !== undefined) headers.set('www-authenticate', String(challenge));
  return new Response(body.length === 0 ? null : body, { status, headers });
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}
