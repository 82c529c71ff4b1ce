import { ask, NoAnswer } from '@halligan/outbound';
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
 * Asks over verified TLS.
 * @throws {@link NotReached}, also for answers of 500 and more; {@link HeldUp}
 */
export async function exchange(
  text: string,
  { method, headers, body, ca, signal }: Asked,
): Promise<Response> {
  const url = new URL(text);
  if (url.protocol !== 'https:') throw new NotReached('no TLS');
  const bounds = { limit: LIMIT, connectWithin: CONNECT_PATIENCE, signal };
  const asked = { method, headers, body, trust: trusted(ca), ...bounds };
  const {
    status,
    headers: said,
    bytes,
  } = await ask(url, asked).catch((cause: unknown) => {
    throw cause instanceof NoAnswer ? new NotReached('no answer') : cause;
  });
  if (status === 429) throw new HeldUp();
  if (status < 200 || status >= 500) throw new NotReached('no answer');
  return responseOf(status, said, bytes);
}

/** With those headers alone that somebody reads. */
function responseOf(
  status: number,
  { 'content-type': type = '', 'www-authenticate': challenge }: NodeJS.Dict<string | string[]>,
  bytes: Buffer,
): Response {
  const headers = new Headers({ 'content-type': String(type) });
  if (challenge !== undefined) headers.set('www-authenticate', String(challenge));
  return new Response(bytes.length === 0 ? null : new Uint8Array(bytes), { status, headers });
}
