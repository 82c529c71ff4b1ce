import { HalliganError, ID } from '@halligan/format';
import { z } from 'zod';

/** Gives `size` bytes that nobody can foresee. Tests pass their own. */
export type RandomBytes = (size: number) => Uint8Array;

/** The platform's cryptographic random generator. */
export const platformRandom: RandomBytes = (size) => crypto.getRandomValues(new Uint8Array(size));

/** Names a person, system, account, group, path or organisation: 1 to 63 of a-z, 0-9 and `-`. */
export const idField = z.string().regex(ID, 'an id is 1 to 63 of a-z, 0-9 and -');

/** SHA-256, 64 lower-case hexadecimal digits. */
export const digestField = z.string().regex(/^[0-9a-f]{64}$/, 'a digest is 64 of 0-9 and a-f');

/** 16 bytes, 32 lower-case hexadecimal digits. */
export const hex16Field = z.string().regex(/^[0-9a-f]{32}$/, 'write 32 of 0-9 and a-f');

/** A log's origin line as C2SP tlog-checkpoint has it, without white space, control characters and `+`. */
export const originField = z
  .string()
  .max(255)
  .regex(/^[^\s\p{Cc}\p{Cs}+]+$/u, 'an origin has no white space, control character or +');

/** An RFC 3339 instant in UTC, to the second or finer, ending in `Z`. */
export const instantField = z
  .string()
  .max(30)
  .refine(isInstant, 'write an instant such as 2026-01-31T12:00:00Z');

/** An age recipient, X25519 or hybrid post-quantum. Whether its checksum holds is for the room that encrypts to it. */
export const recipientField = z
  .string()
  .max(2100)
  .regex(/^age1(?:pq1)?[02-9ac-hj-np-z]{6,}$/, 'an age recipient starts with age1');

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/** The date must exist: ECMAScript would quietly turn 30 February into March, and two readers would disagree. */
function isInstant(text: string): boolean {
  if (!INSTANT.test(text)) return false;
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 19) === text.slice(0, 19);
}

/** A list in which nothing stands twice. */
export function isDistinct(items: readonly string[]): boolean {
  return new Set(items).size === items.length;
}

/** Parses with a schema; what does not fit is refused with `code`, naming the place and never the value. */
export function parsedAs<T>(schema: z.ZodType<T>, value: unknown, code: string, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  throw new HalliganError(
    code,
    `${what} is not valid${place}.`,
    `${issue?.message ?? 'It does not fit the format'}. It was altered, or written by another version.`,
  );
}
