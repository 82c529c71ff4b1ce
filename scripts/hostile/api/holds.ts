/** What holds of every answer, whatever was asked. */
import { z } from 'zod';
import { type ApiDocument, type Operation, operationFor } from './document.ts';
import type { Answered, Sent } from './exchange.ts';

/** Who asked, as the server knows them. */
export interface Asker {
  /** Undefined for nobody, and for a session that is none. */
  readonly roles: readonly string[] | undefined;
  /** Which session it was, in words. */
  readonly who: string;
}

/** Where in our code, or on our disk, something is: nothing of it is a caller's business. */
const INSIDE =
  /\bat .{0,200}\.[cm]?[jt]s:\d+|node:internal|node_modules|file:\/\/|\bE(?:NOENT|ACCES|ISDIR)\b|Zod|TypeError/;

/** @returns what is wrong with an answer */
export function faultsOf(
  document: ApiDocument,
  sent: Sent,
  { status, headers, bytes }: Answered,
  { roles, who }: Asker,
  isSecret: (text: string) => string | undefined,
): readonly string[] {
  const wrong: string[] = [];
  const operation = operationFor(document, sent.method, sent.target);
  const text = bytes.toString('latin1');
  const isHead = sent.method === 'HEAD';
  if (headers['cache-control'] !== 'no-store') wrong.push('the answer may be kept');
  if (
    headers['x-content-type-options'] !== 'nosniff' &&
    !/^text\/event-stream/.test(headers['content-type'] ?? '')
  )
    wrong.push('the answer may be taken for something else');
  const secret = operation?.path === '/v1/sign-in' && status === 200 ? undefined : isSecret(text);
  if (secret !== undefined) wrong.push(`the answer holds ${secret}`);
  if (status < 400) {
    if (operation === undefined) wrong.push(`${status}, and the document has no such operation`);
    else {
      if (!operation.answers.has(status)) wrong.push(`${status} is not in the document`);
      if (!mayAsk(operation, roles)) wrong.push(`${who} was let in`);
      const schema = operation.answers.get(status);
      const fault = schema === undefined || isHead ? undefined : misfit(schema, text, bytes);
      if (fault !== undefined) wrong.push(`the answer is not what the document says: ${fault}`);
    }
    return wrong;
  }
  if (status >= 500) wrong.push(`the server failed: ${status}`);
  if (isHead) return wrong;
  if (!/^application\/problem\+json/.test(headers['content-type'] ?? ''))
    wrong.push('a refusal that is no problem details');
  const fault = misfit(document.problem, text, bytes);
  if (fault !== undefined) return [...wrong, `no problem details: ${fault}`];
  const problem = problemSchema.parse(JSON.parse(bytes.toString('utf8')));
  if (problem.status !== status) wrong.push('the problem names another status');
  if (
    problem.instance !== `urn:uuid:${headers['x-request-id']}` &&
    headers['x-request-id'] !== undefined
  )
    wrong.push('the problem names another request');
  if (problem.hint.length < 5 || problem.detail.length < 5) wrong.push('nothing says what to do');
  if (INSIDE.test(problem.detail) || INSIDE.test(problem.hint))
    wrong.push('the answer tells of the inside');
  return wrong;
}

const problemSchema = z.object({
  status: z.int(),
  detail: z.string(),
  hint: z.string(),
  instance: z.string().optional(),
});

function mayAsk({ who }: Operation, roles: readonly string[] | undefined): boolean {
  // Every request comes from this machine: `hereOr` lets it in.
  if (who === 'anybody' || who === 'machine' || (typeof who === 'object' && 'hereOr' in who))
    return true;
  if (roles === undefined) return false;
  return who === 'member' || (Array.isArray(who) && who.some((role) => roles.includes(role)));
}

function misfit(schema: z.ZodType, text: string, bytes: Buffer): string | undefined {
  try {
    const checked = schema.safeParse(JSON.parse(bytes.toString('utf8')));
    return checked.success ? undefined : z.prettifyError(checked.error).slice(0, 400);
  } catch {
    return `no JSON: ${text.slice(0, 100)}`;
  }
}
