import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isLoopback } from './alerts/settings.ts';

/** What is posted. */
export interface Posted {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** PEM of authorities that are trusted; the machine's where nothing is said. */
  readonly ca?: Buffer | undefined;
  /** Most bytes of an answer. */
  readonly limit: number;
  /** Ends it, at whatever point it is. */
  readonly signal: AbortSignal;
}

/** What a receiver answered: its words are data. */
export interface Answered {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly text: string;
}

/** An answer is longer than its limit. */
export class AnswerTooLong extends Error {}

/**
 * Posts to a receiver that may hang, reset, drip, never end or speak something else. Redirects are not followed, nothing
 * is unpacked, and no connection outlives its answer. Rejects with what Node has against it, or {@link AnswerTooLong}.
 */
export function post(url: URL, { headers, body, ca, limit, signal }: Posted): Promise<Answered> {
  // HTTPS_PROXY and NO_PROXY count, but never for this machine.
  const proxy = isLoopback(url.hostname) ? {} : { proxyEnv: process.env };
  const options = {
    method: 'POST',
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    signal,
  };
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, {
            ...options,
            agent: new HttpsAgent({ ...proxy, ...(ca === undefined ? {} : { ca }) }),
          })
        : httpRequest(url, { ...options, agent: new HttpAgent(proxy) });
    request.on('error', reject);
    // An answer that is none: without these two it would never be over.
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      reject(new Error('it speaks something else'));
    });
    request.on('close', () => reject(new Error('it gave no answer')));
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > limit) response.destroy(new AnswerTooLong());
        else chunks.push(chunk);
      });
      response.on('end', () => {
        const { statusCode: status = 0 } = response;
        const header = (name: string) => {
          const value = response.headers[name];
          return typeof value === 'string' ? value : undefined;
        };
        resolve({ status, header, text: Buffer.concat(chunks).toString('utf8') });
      });
    });
    request.end(body);
  });
}

/** Node's name of a failure in brackets, after a space; never the other side's words. */
export function codeOf(cause: unknown): string {
  const { code } = Object(cause);
  return typeof code === 'string' && /^[A-Z0-9_]{2,60}$/.test(code) ? ` (${code})` : '';
}
