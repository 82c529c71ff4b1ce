import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { HalliganError } from '@halligan/format';
import { problemJson } from './problem.ts';

const SAME_VERSION = 'Use the halligan program of the same version, or see docs/formats/api.md.';

/** What a request did wrong before any route saw it, by the code of Fastify or Node. */
const FAULTS: Readonly<Record<string, readonly [code: string, why: string, hint: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [
    'server.too-large',
    'This request is larger than its route takes.',
    'Attach less at once: a few files a statement; larger ones go with halligan emergency note --file.',
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'server.media-type',
    'This media type is not taken here.',
    'Send application/json, or what docs/formats/api.md says of the route.',
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'server.request',
    'The request’s length is not the one that it announced.',
    'Send it again; a proxy may have cut it.',
  ],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['server.json', 'The body is empty.', SAME_VERSION],
  FST_ERR_CTP_INVALID_JSON_BODY: ['server.json', 'The body is not JSON.', SAME_VERSION],
  FST_ERR_BAD_URL: ['server.request', 'This is no path.', 'See docs/formats/api.md.'],
  FST_ERR_MAX_PARAM_LENGTH: [
    'server.not-found',
    'There is nothing here.',
    'See docs/formats/api.md.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    'server.too-slow',
    'The request did not come in time.',
    'Send it again, over a better line or in smaller parts.',
  ],
  HPE_HEADER_OVERFLOW: [
    'server.headers',
    'The request’s headers are too long.',
    'Send none but the usual ones.',
  ],
};

/**
 * What Fastify or Node has against a request, in our words: theirs may quote it. Undefined where the request is not
 * to blame.
 */
export function clientFault(error: unknown): HalliganError | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = Object.hasOwn(FAULTS, code) ? FAULTS[code] : undefined;
  if (known !== undefined) return new HalliganError(...known);
  const status = 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 500
    ? new HalliganError('server.request', 'This request is not valid.', SAME_VERSION)
    : undefined;
}

/** How long a peer that is told why may go on holding its connection, milliseconds. */
const LINGER = 2000;

/**
 * Answers what is no HTTP, or came too slowly: a peer that sends a byte a minute holds a connection no longer than
 * the limits say.
 */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return;
  const fault =
    clientFault(error) ??
    new HalliganError('server.request', 'This is not a request of HTTP/1.1.', SAME_VERSION);
  const { status, body } = problemJson(fault);
  // One that takes no answer, or never closes its own side, is not waited for.
  const letGo = setTimeout(() => socket.destroy(), LINGER);
  socket.once('close', () => clearTimeout(letGo));
  socket.end(
    [
      `HTTP/1.1 ${status} ${PHRASES[status] ?? 'Bad Request'}`,
      'Content-Type: application/problem+json',
      'Cache-Control: no-store',
      'X-Content-Type-Options: nosniff',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

/** Answers who expects of this server what no route does: `100-continue` is met before this is asked. */
export function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const { status, body } = problemJson(
    new HalliganError(
      'server.expectation',
      'This server meets no such expectation.',
      'Send it without Expect, or with 100-continue.',
    ),
  );
  response
    .writeHead(status, {
      'content-type': 'application/problem+json',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    })
    .end(body);
}

const PHRASES: Readonly<Record<number, string>> = {
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};
