import { HalliganError } from '@halligan/format';
import type { Refusal } from '@halligan/procedure';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { KnownSize } from '../reports/refusals.ts';
import { clientFault } from './client-fault.ts';
import { RateExceeded } from './rate.ts';

/** Problem details (RFC 9457) with a stable code and the next step. */
export const problemSchema = z.object({
  type: z.string().regex(/^urn:halligan:problem:/),
  title: z.string(),
  status: z.int(),
  /** Stable: programs act on it. */
  code: z.string().regex(/^[a-z0-9-]+\.[a-z0-9-]+$/),
  detail: z.string(),
  hint: z.string(),
  /** The request’s id, which the server’s log has too. */
  instance: z
    .string()
    .regex(/^urn:uuid:/)
    .optional(),
  /** Who could, where the rules say no to this person. */
  eligible: z.array(z.string()).readonly().optional(),
  /** How many reports of a machine are known, where it sends others than follow. */
  size: z.int().optional(),
});

type Problem = z.infer<typeof problemSchema>;

/** A refusal of the rules: the request was understood, and the answer is no. */
export function refused(reply: FastifyReply, { rule, why, next, eligible }: Refusal): FastifyReply {
  return send(reply, problemOf(409, { code: rule, detail: why, hint: next, eligible }));
}

/** What an error becomes. Anything that is not ours says nothing about itself: it may quote what it choked on. */
export function failed(reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof RateExceeded) reply.header('retry-after', String(error.wait));
  return send(reply, problemOfError(error));
}

/** A problem as text, where there is no reply to send it by. */
export function problemJson(error: unknown): { readonly status: number; readonly body: string } {
  const problem = problemOfError(error);
  return { status: problem.status, body: JSON.stringify(problem) };
}

/** Whether an error is the server's own: such are logged. */
export function isOurFault(error: unknown): boolean {
  return problemOfError(error).status >= 500;
}

function problemOfError(error: unknown): Problem {
  const { code, message, hint } = oursOf(error);
  const size = error instanceof KnownSize ? { size: error.size } : {};
  return problemOf(statusOf(codeOfRoom(error) ?? code), { code, detail: message, hint, ...size });
}

function oursOf(error: unknown): HalliganError {
  if (error instanceof HalliganError) return error;
  return (
    clientFault(error) ??
    (isOutOfRoom(error)
      ? new HalliganError(
          'server.disk-full',
          'The server’s disk is full.',
          'Nothing was changed. Free space on the disk of the data folder, then send it again.',
          { cause: error },
        )
      : isFailedDisk(error)
        ? new HalliganError(
            'server.disk-failed',
            'The server’s disk does not take writes.',
            'Nothing was changed. Is the disk of the data folder failing, or read-only (the system’s log says why)? Set it right, start the server again where its file system was unmounted, and send it again. In an emergency, work from a kit.',
            { cause: error },
          )
        : new HalliganError(
            'server.fault',
            'The server failed.',
            'Nothing was changed. The server’s log names the place.',
            { cause: error },
          ))
  );
}

/** A commit that failed because the disk is full is told by its own code, and answered as what it is. */
function codeOfRoom(error: unknown): string | undefined {
  const cause = error instanceof HalliganError ? error.cause : undefined;
  if (cause instanceof HalliganError && cause.code === 'journal.full') return cause.code;
  return isOutOfRoom(cause) ? 'server.disk-full' : undefined;
}

function problemOf(
  status: number,
  fields: Pick<Problem, 'code' | 'detail' | 'hint' | 'size'> & {
    readonly eligible?: readonly string[];
  },
): Problem {
  return { type: `urn:halligan:problem:${fields.code}`, title: fields.detail, status, ...fields };
}

/** What requests were answered with, for the log. */
const codes = new WeakMap<object, string>();

/** The code of the problem that a request was answered with; undefined where it was none. */
export function problemCodeOf(reply: FastifyReply): string | undefined {
  return codes.get(reply.request.raw);
}

function send(reply: FastifyReply, problem: Problem): FastifyReply {
  codes.set(reply.request.raw, problem.code);
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .send({ ...problem, instance: `urn:uuid:${reply.request.id}` });
}

const STATUSES: Readonly<Record<string, number>> = {
  'server.sign-in': 401,
  'server.session': 401,
  'server.forbidden': 403,
  'server.method': 405,
  'server.too-slow': 408,
  'server.clock': 409,
  'server.large-attachment': 409,
  'server.too-large': 413,
  'journal.entry-too-large': 413,
  'server.media-type': 415,
  'server.expectation': 417,
  'server.busy': 429,
  'server.rate': 429,
  'server.headers': 431,
  'server.verifying': 503,
  'server.fault': 500,
  // What lies on the server's own disk: whoever asks is not to blame.
  'seal.damaged': 500,
  'seal.version': 500,
  'server.stopping': 503,
  'server.disk-failed': 503,
  'server.disk-full': 507,
  'journal.full': 507,
  'reports.signature': 403,
  'reports.retired': 403,
  'reports.gap': 409,
  'reports.root': 409,
  'reports.fork': 409,
  'reports.no-room': 507,
  'reports.closed': 503,
};

function statusOf(code: string): number {
  const status = Object.hasOwn(STATUSES, code) ? STATUSES[code] : undefined;
  if (status !== undefined) return status;
  if (/\.(emergency|account|no-seal|system-config|blob-missing|not-found|erased)$/.test(code))
    return 404;
  return code.startsWith('journal.') ? 503 : 400;
}

function isOutOfRoom(error: unknown): boolean {
  return isOneOf(error, ['ENOSPC', 'EDQUOT']);
}

/** Of the system, not ours: an error of a network says other words. */
function isFailedDisk(error: unknown): boolean {
  return isOneOf(error, ['EROFS', 'EIO']);
}

function isOneOf(error: unknown, codes: readonly string[]): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    codes.some((code) => code === error.code)
  );
}
