import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { base64, concat, HalliganError, utf8 } from '@halligan/format';
import type { HttpConfig, HttpRequest } from './http-config.ts';
import { fillBytes, fillText, type Values } from './template.ts';
import { jsonOf } from './told.ts';

/** Most bytes of an answer. */
const LIMIT = 256 << 10;

/** What a system answered: its words are data. */
export interface HttpAnswer {
  readonly status: number;
  /** Its JSON; undefined where it is none. */
  readonly json: unknown;
}

/** A request as it will be sent; `body` holds secrets and is overwritten afterwards. */
export interface FilledRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

/** @throws `systems.plaintext` */
export function requireProtected({ url }: Pick<HttpConfig, 'url'>): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || isLoopback(hostname)) return;
  throw new HalliganError(
    'systems.plaintext',
    'Passwords would cross the network unencrypted.',
    'Use https://; plain http:// is for loopback only.',
  );
}

/** A declared request with its places filled, each value written as the place demands. */
export function fillRequest(
  { url }: HttpConfig,
  asked: HttpRequest,
  values: Values,
): FilledRequest {
  const { method, path, headers, basic, json, form } = asked;
  const [type, body] = bodyOf(json, form, values);
  const texts = Object.entries(headers).map(([name, text]) => [name, fillText(text, values)]);
  if (basic !== undefined) texts.push(['authorization', basicOf(basic, values)]);
  return {
    method,
    url: `${url.replace(/\/$/, '')}${fillText(path, values, encodeURIComponent)}`,
    headers: {
      accept: 'application/json',
      'user-agent': 'halligan',
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(body === undefined ? {} : { 'content-length': String(body.length) }),
      ...Object.fromEntries(texts),
    },
    body,
  };
}

function bodyOf(
  json: HttpRequest['json'],
  form: HttpRequest['form'],
  values: Values,
): readonly [type: string | undefined, body: Uint8Array | undefined] {
  if (json !== undefined)
    return ['application/json', fillBytes(JSON.stringify(json), values, insideJson)];
  if (form === undefined) return [undefined, undefined];
  const fields = Object.entries(form).map(([name, text], at) =>
    concat(
      utf8(`${at === 0 ? '' : '&'}${encodeURIComponent(name)}=`),
      fillBytes(encodedAround(text), values, percentEncoded),
    ),
  );
  return ['application/x-www-form-urlencoded', concat(...fields)];
}

/** The fixed part of a form's value, encoded, with its places left as they are. */
function encodedAround(text: string): string {
  return text
    .split(/(\{(?:account|password|old|credential)\})/)
    .map((part, at) => (at % 2 === 1 ? part : encodeURIComponent(part)))
    .join('');
}

/** RFC 8259 section 7: a value has no control characters, so that two characters need an escape. */
function insideJson(value: Uint8Array): Uint8Array {
  return Uint8Array.from(
    [...value].flatMap((byte) => (byte === 0x22 || byte === 0x5c ? [0x5c, byte] : [byte])),
  );
}

function percentEncoded(value: Uint8Array): Uint8Array {
  return utf8([...value].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
}

/** RFC 7617 section 2, in UTF-8; a colon in the name would move into the password. */
function basicOf({ user, password }: { user: string; password: string }, values: Values): string {
  const name = fillText(user, values);
  if (name.includes(':'))
    throw new HalliganError(
      'systems.account-name',
      'A name with a colon cannot sign in by HTTP’s basic scheme.',
      'Use another account.',
    );
  return `Basic ${base64(
    concat(
      utf8(`${name}:`),
      fillBytes(password, values, (value) => value),
    ),
  )}`;
}

/**
 * Sends a request and reads the answer, all within the settings' time. Redirects are not followed: they would carry
 * a password to whom the answer names.
 * @throws `systems.unreachable`, `systems.tls`, `systems.timeout`
 */
export async function exchange(
  { ca, timeout }: HttpConfig,
  { method, url, headers, body }: FilledRequest,
): Promise<HttpAnswer> {
  const signal = AbortSignal.timeout(timeout);
  const isTls = url.startsWith('https:');
  // HTTPS_PROXY and NO_PROXY count, but never for this machine.
  const proxy = isLoopback(new URL(url).hostname) ? {} : { proxyEnv: process.env };
  const agent = isTls
    ? new HttpsAgent({ ...proxy, ...(ca === undefined ? {} : { ca }) })
    : new HttpAgent(proxy);
  try {
    return await new Promise((resolve, reject) => {
      let reached = false;
      let isSafe = !isTls;
      const options = { method, headers, agent, signal };
      const sent = isTls ? httpsRequest(url, options) : httpRequest(url, options);
      const fail = () => {
        if (signal.aborted) return reject(tooLate(timeout));
        // Without the cause: it may quote what the other side chose.
        reject(reached && !isSafe ? notTrusted() : unreachable());
      };
      sent.on('socket', (socket) => {
        socket.once('connect', () => {
          reached = true;
        });
        socket.once('secureConnect', () => {
          isSafe = true;
        });
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
        response.on('aborted', fail);
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > LIMIT) response.destroy(new Error('too long'));
          else chunks.push(chunk);
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            json: jsonOf(Buffer.concat(chunks).toString('utf8')),
          }),
        );
      });
      sent.end(body);
    });
  } finally {
    agent.destroy();
  }
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

function tooLate(timeout: number): HalliganError {
  return new HalliganError(
    'systems.timeout',
    `The system gave no answer within ${timeout} ms.`,
    'What was asked may or may not have been done: prove which password works.',
  );
}

function notTrusted(): HalliganError {
  return new HalliganError(
    'systems.tls',
    'The system’s certificate is not to be trusted, or it speaks no TLS.',
    'Compare it on the system itself; put its authority into the settings as ca.',
  );
}

function unreachable(): HalliganError {
  return new HalliganError(
    'systems.unreachable',
    'The system cannot be reached, or broke off its answer.',
    'What was asked may or may not have been done: prove which password works once it is back.',
  );
}
