import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createInterface } from 'node:readline';
import { HalliganError, visible } from '@halligan/format';
import { isLoopback } from '@halligan/outbound';
import { z } from 'zod';
import type { Session } from './kept.ts';
import { jsonOf } from './person-home.ts';
import { PinnedAgent } from './pinned-agent.ts';

/** Longest a request may take, milliseconds; the stream has no limit of its own. */
const PATIENCE = 90_000;
/** Most bytes of an answer. */
const LIMIT = 1 << 28;

const problemSchema = z.looseObject({
  code: z.string(),
  detail: z.string(),
  hint: z.string(),
  eligible: z.array(z.string()).optional(),
  instance: z.string().optional(),
});

const warnedSchema = z.looseObject({
  warning: z.object({ code: z.string(), detail: z.string(), hint: z.string() }),
});

/** What a device speaks to: the server, or a kit where the server is gone. */
export interface Connection {
  readonly isSignedIn: boolean;
  signedIn(token: string): void;
  get(path: string): Promise<unknown>;
  post(path: string, body?: unknown): Promise<unknown>;
  bytes(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Buffer>;
  sizes(signal: AbortSignal): AsyncIterable<number>;
}

/**
 * The server, as a device speaks to it. What it says is not trusted: devices prove it. TLS is pinned to the
 * certificate that was compared when joining, because in an emergency no certificate authority may be reachable.
 */
export class Api implements Connection {
  readonly #url: URL;
  readonly #agent: PinnedAgent;
  readonly #warn: (text: string) => void;
  readonly #session: Session;

  /**
   * @param warn is told what the server says besides, where it did what was asked
   * @param certificate SHA-256 of the server's certificate, hexadecimal; null on loopback without TLS
   * @param session one that was opened before, or is kept for others from then on
   * @throws `cli.plaintext`, `cli.address`
   */
  constructor(
    url: string,
    certificate: string | null,
    warn: (text: string) => void = () => undefined,
    session: Session = {},
  ) {
    this.#session = session;
    this.#warn = warn;
    this.#url = addressOf(url);
    this.#agent = new PinnedAgent(certificate);
    if (this.#url.protocol !== 'https:' && !isLoopback(this.#url.hostname)) {
      throw new HalliganError(
        'cli.plaintext',
        'This address has no TLS.',
        'Use https://; only loopback does without.',
      );
    }
  }

  signedIn(token: string): void {
    this.#session.token = token;
  }

  get isSignedIn(): boolean {
    return this.#session.token !== undefined;
  }

  async get(path: string): Promise<unknown> {
    return jsonOf((await this.bytes('GET', path)).toString('utf8'));
  }

  async post(path: string, body: unknown = {}): Promise<unknown> {
    const answer = jsonOf((await this.bytes('POST', path, body)).toString('utf8'));
    const warned = warnedSchema.safeParse(answer);
    if (warned.success) {
      const { code, detail, hint } = warned.data.warning;
      this.#warn(visible(`warning [${code}]: ${detail} ${hint}`));
    }
    return answer;
  }

  /** @param body bytes as they are, anything else as JSON @throws `cli.unreachable`, or the server's own code */
  async bytes(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Buffer> {
    const response = await this.#send(method, path, body);
    const bytes = await this.#body(response);
    if ((response.statusCode ?? 500) < 400) return bytes;
    throw problemOf(response, bytes);
  }

  /**
   * The log's size, whenever it grows, until `signal` aborts: a stream may be silent for ever.
   * @throws `cli.unreachable` where the server goes away meanwhile, or the server's own code
   */
  async *sizes(signal: AbortSignal): AsyncGenerator<number> {
    const response = await this.#send('GET', '/v1/stream');
    if (response.statusCode !== 200) throw problemOf(response, await this.#body(response));
    // With an error: whoever reads lines from it would wait for ever for the end of what was only destroyed.
    const stop = () => response.destroy(new Error('no longer listened to'));
    signal.addEventListener('abort', stop);
    try {
      if (signal.aborted) return;
      for await (const line of createInterface({ input: response }))
        if (line.startsWith('data: ')) yield Number(line.slice(6));
    } catch (cause) {
      if (!signal.aborted) throw this.#lost(cause);
    } finally {
      signal.removeEventListener('abort', stop);
      response.destroy();
    }
    if (!signal.aborted) throw this.#lost();
  }

  async #body(response: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of response) {
        size += chunk.length;
        if (size > LIMIT) break;
        chunks.push(chunk);
      }
    } catch (cause) {
      throw this.#lost(cause);
    }
    if (size > LIMIT)
      throw new HalliganError(
        'cli.answer',
        'The server’s answer is too long.',
        'Check the address of the server.',
      );
    return Buffer.concat(chunks);
  }

  #lost(cause?: unknown): HalliganError {
    return new HalliganError(
      'cli.unreachable',
      `The server at ${this.#url.origin} went away before it had answered.`,
      'Look whether what you did is on the record, then do it again if it is not: halligan emergency show.',
      { cause },
    );
  }

  async #send(method: string, path: string, body?: unknown): Promise<IncomingMessage> {
    const url = new URL(path, this.#url);
    const { token } = this.#session;
    const isBytes = body instanceof Uint8Array;
    const payload = body === undefined || isBytes ? body : JSON.stringify(body);
    const headers: Record<string, string> = {
      ...(payload === undefined
        ? {}
        : {
            'content-type': isBytes ? 'application/octet-stream' : 'application/json',
            'content-length': String(Buffer.byteLength(payload)),
          }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    return new Promise((resolve, reject) => {
      const secure = url.protocol === 'https:';
      const options = { method, headers, timeout: PATIENCE };
      const request = secure
        ? httpsRequest(url, { ...options, agent: this.#agent })
        : httpRequest(url, options);
      request.on('response', resolve);
      request.on('timeout', () =>
        request.destroy(
          new HalliganError(
            'cli.unreachable',
            'The server does not answer.',
            'Work from a kit: halligan kit open KIT, docs/guides/when-the-server-is-gone.md.',
          ),
        ),
      );
      request.on('error', (cause) =>
        reject(
          cause instanceof HalliganError
            ? cause
            : new HalliganError(
                'cli.unreachable',
                `The server at ${this.#url.origin} cannot be reached.`,
                'Check that it runs; if it is gone, work from a kit: halligan kit open KIT, docs/guides/when-the-server-is-gone.md.',
                { cause },
              ),
        ),
      );
      request.end(payload);
    });
  }
}

/** @throws `cli.address` */
function addressOf(url: string): URL {
  if (URL.canParse(url) && /^https?:/.test(url)) return new URL(url);
  throw new HalliganError(
    'cli.address',
    'This is no address of a server.',
    'Write it as https://halligan.example.org:8470.',
  );
}

/** The server's own words for why not. */
function problemOf({ statusCode }: IncomingMessage, bytes: Buffer): HalliganError {
  const problem = problemSchema.safeParse(jsonOf(bytes.toString('utf8')));
  if (!problem.success)
    return new HalliganError(
      'cli.answer',
      `The server answered ${statusCode}.`,
      'Check the address of the server.',
    );
  const { code, detail, hint, eligible = [], instance } = problem.data;
  // Whoever runs the server finds it in the log by this.
  const request = (statusCode ?? 500) < 500 || instance === undefined ? '' : ` ${instance}`;
  return new HalliganError(
    code,
    detail,
    `${hint}${eligible.length === 0 ? '' : ` Eligible: ${eligible.join(', ')}.`}${request}`,
  );
}
