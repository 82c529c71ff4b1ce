import { z } from 'zod';
import type { Account } from './state.ts';

/** Entries of a list, and characters of an entry, that the record takes. */
const list = z.union([z.literal('unknown'), z.array(z.string().max(120)).max(32).readonly()]);

/** Ways into an account besides its password, and what is still in use, as a driver saw them after setting it. */
export const accessSchema = z
  .strictObject({ methods: list, keys: list, sessions: list, grants: list })
  .readonly();

export type Access = z.infer<typeof accessSchema>;

const LISTS = ['methods', 'keys', 'grants'] as const;

/** What differs in an account from one version to the next. */
export interface AccessChange {
  readonly what: (typeof LISTS)[number] | 'sessions';
  readonly entry: string;
  readonly is: 'new' | 'gone' | 'still there';
}

/**
 * What came in, or went, while a version was in use: seen when it was set, and when the one after it was. Sessions
 * that outlive their password are always listed: a new password evicts nobody. Empty where the system does not tell.
 * @param number the version that replaced the used one
 */
export function accessChanges(account: Account, number: number): readonly AccessChange[] {
  const after = account.versions[number]?.proven?.access;
  if (after === undefined) return [];
  const before = seenBefore(account, number);
  const changes = LISTS.flatMap((what) => {
    const [then, now] = [before?.[what] ?? 'unknown', after[what]];
    if (then === 'unknown' || now === 'unknown') return [];
    return [
      ...now
        .filter((entry) => !then.includes(entry))
        .map((entry) => ({ what, entry, is: 'new' }) as const),
      ...then
        .filter((entry) => !now.includes(entry))
        .map((entry) => ({ what, entry, is: 'gone' }) as const),
    ];
  });
  const alive = after.sessions === 'unknown' ? [] : after.sessions;
  return [
    ...changes,
    ...alive.map((entry) => ({ what: 'sessions', entry, is: 'still there' }) as const),
  ];
}

/** As the last version before that was seen at all: one that failed, or was set by hand, tells nothing. */
function seenBefore(account: Account, number: number): Access | undefined {
  const seen = Object.keys(account.versions)
    .map(Number)
    .filter((one) => one < number && account.versions[one]?.proven?.access !== undefined);
  return account.versions[Math.max(...seen)]?.proven?.access;
}
