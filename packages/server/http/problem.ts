import { HalliganError } from '@halligan/format';
import type { Refusal } from '@halligan/procedure';
import type { FastifyReply } from 'fastify';

/** Problem details (RFC 9457) with a stable code and the next step. */
export function problem(
  reply: FastifyReply,
  status: number,
  fields: {
    readonly code: string;
    readonly detail: string;
    readonly hint: string;
    readonly eligible?: readonly string[];
  },
): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .send({ type: `urn:halligan:problem:${fields.code}`, title: fields.detail, status, ...fields });
}

/** A refusal of the rules: the request was understood, and the answer is no. */
export function refused(reply: FastifyReply, { rule, why, next, eligible }: Refusal): FastifyReply {
  return problem(reply, 409, { code: rule, detail: why, hint: next, eligible });
}

/** What an error becomes. Anything that is not ours says nothing about itself: it may quote what it choked on. */
export function failed(reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof HalliganError) {
    return problem(reply, statusOf(error.code), {
      code: error.code,
      detail: error.message,
      hint: error.hint,
    });
  }
  const status = clientFault(error);
  if (status !== undefined) {
    return problem(reply, status, {
      code: 'server.request',
      detail: 'This request is not valid.',
      hint: 'Use the halligan program of the same version, or see docs/formats.',
    });
  }
  return problem(reply, 500, {
    code: 'server.fault',
    detail: 'The server failed.',
    hint: 'Nothing was changed. The server’s log names the place.',
  });
}

function statusOf(code: string): number {
  if (code === 'server.sign-in' || code === 'server.session') return 401;
  if (code === 'server.forbidden') return 403;
  if (/\.(emergency|account|no-seal|system-config|blob-missing|not-found|erased)$/.test(code))
    return 404;
  if (code === 'journal.entry-too-large') return 413;
  if (code === 'server.busy') return 429;
  // What lies on the server's own disk: whoever asks is not to blame.
  if (code === 'seal.damaged' || code === 'seal.version') return 500;
  if (code.startsWith('journal.')) return 503;
  return 400;
}

/** Fastify's own errors carry a status; only those that blame the request are passed on. */
function clientFault(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
    ? statusCode
    : undefined;
}

/** An unexpected error by its kind and place in our code; its message may quote a secret and is left out. */
export function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const frame = error.stack?.split('\n').find((line) => /^\s+at /.test(line));
  return `${error.name}${frame === undefined ? '' : ` ${frame.trim()}`}`;
}
