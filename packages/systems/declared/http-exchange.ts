import { base64, concat, HalliganError, utf8 } from '@halligan/format';
import { ask, isLoopback, NoAnswer } from '@halligan/outbound';
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
 * Sends a request and reads the answer, all within the settings' time.
 * @throws `systems.unreachable`, `systems.tls`, `systems.timeout`
 */
export async function exchange(
  { ca, timeout }: HttpConfig,
  { method, url, headers, body }: FilledRequest,
): Promise<HttpAnswer> {
  const signal = AbortSignal.timeout(timeout);
  const asked = { method, headers, body, trust: ca, limit: LIMIT, signal };
  const { status, bytes } = await ask(new URL(url), asked).catch((cause: unknown) => {
    if (!(cause instanceof NoAnswer)) throw cause;
    if (signal.aborted) throw tooLate(timeout);
    throw cause.why === 'untrusted' ? notTrusted() : unreachable();
  });
  return { status, json: jsonOf(bytes.toString('utf8')) };
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
