import { z } from 'zod';
import type { Access, Inspection } from '../driver.ts';

/** RFC 6901. */
const Pointer = z
  .string()
  .max(512)
  .regex(/^(\/[^/]{0,100}){1,8}$/);

/** Where an answer tells something: a member, or whether a member has one of these values. */
const Told = z.lazy(() =>
  z.union([
    Pointer,
    z
      .strictObject({ at: Pointer, is: z.array(z.string().max(256)).min(1).max(16).readonly() })
      .readonly(),
  ]),
);

/** Where an answer about an account tells what; what is left out is not told. */
export const Telling = z.lazy(() =>
  z
    .strictObject({
      name: Pointer.exactOptional(),
      locked: Told.exactOptional(),
      mustChangePassword: Told.exactOptional(),
      groups: Pointer.exactOptional(),
      passwordChangedAt: Pointer.exactOptional(),
      methods: Pointer.exactOptional(),
      keys: Pointer.exactOptional(),
      sessions: Pointer.exactOptional(),
      grants: Pointer.exactOptional(),
    })
    .readonly(),
);

export type Telling = z.infer<typeof Telling>;

/** Entries of a list that are kept, sorted, and characters of one: a hostile system could send thousands. */
const MOST = 32;
const LONGEST = 120;

/** An answer's JSON; undefined where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The member of a JSON value that a pointer names. */
export function pointed(value: unknown, pointer: string): unknown {
  let at = value;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = Object.entries(at).find(([name]) => name === key)?.[1];
  }
  return at;
}

/** What a system told of an account. Its words are data: printable ASCII, cut, never run. */
export function inspectionOf(account: string, answer: unknown, telling: Telling): Inspection {
  const text = (pointer: string | undefined) => {
    const value = pointer === undefined ? undefined : pointed(answer, pointer);
    return typeof value === 'string' ? plain(value) : undefined;
  };
  const list = (pointer: string | undefined) => {
    const value = pointer === undefined ? undefined : pointed(answer, pointer);
    if (!Array.isArray(value)) return 'unknown';
    const entries = value.filter((one) => typeof one === 'string').map(plain);
    return [...new Set(entries)].sort().slice(0, MOST);
  };
  const access: Access = {
    methods: list(telling.methods),
    keys: list(telling.keys),
    sessions: list(telling.sessions),
    grants: list(telling.grants),
  };
  return {
    exists: true,
    name: text(telling.name) ?? account,
    locked: isSo(answer, telling.locked),
    mustChangePassword: isSo(answer, telling.mustChangePassword),
    groups: list(telling.groups),
    passwordChangedAt: instantOf(text(telling.passwordChangedAt)),
    access,
  };
}

function isSo(answer: unknown, told: z.infer<typeof Told> | undefined): boolean | 'unknown' {
  if (told === undefined) return 'unknown';
  const value = pointed(answer, typeof told === 'string' ? told : told.at);
  if (typeof told === 'string') return typeof value === 'boolean' ? value : 'unknown';
  return typeof value === 'string' ? told.is.includes(value) : 'unknown';
}

function instantOf(text: string | undefined): string | 'unknown' {
  try {
    return text === undefined ? 'unknown' : Temporal.Instant.from(text).toString();
  } catch {
    return 'unknown';
  }
}

function plain(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, LONGEST);
}
