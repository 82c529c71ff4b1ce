import type { Account } from '../account/state.ts';
import { isPerson } from '../quorum.ts';
import { entryOf, type State } from '../state.ts';
import { isOfVersion } from './envelope.ts';
import type { Envelope, Place } from './state.ts';

/** An envelope with the account whose credential it holds. */
export interface Kept {
  readonly account: Account;
  readonly envelope: Envelope;
}

/** Every envelope ever registered, by account and serial. */
export function envelopesOf(state: State): readonly Kept[] {
  return Object.values(state.accounts).flatMap((account) =>
    Object.values(account.envelopes).map((envelope) => ({ account, envelope })),
  );
}

/** Whether an envelope still helps: sealed, and what it holds is not worthless since a rotation. */
export function isUseful(account: Account, envelope: Envelope): boolean {
  return envelope.state === 'sealed' && !isWorthless(account, envelope);
}

/** Whether what an envelope holds opens nothing any more: its version is retired. */
export function isWorthless(account: Account, { contains, version }: Envelope): boolean {
  return isOfVersion(contains) && account.versions[version]?.retired !== false;
}

/** People on the roster who can get into a place. */
export function accessTo(state: State, place: string): readonly string[] {
  const people = entryOf(state.places, place)?.document.access ?? [];
  return people.filter((person) => isPerson(state.roster, person));
}

/** Who could get in, may no longer, and knows a combination that was not changed since. */
export function whoStillKnows(state: State, place: Place): readonly string[] {
  return place.knownBy.filter(
    (person) => !place.document.access.includes(person) || !isPerson(state.roster, person),
  );
}

/**
 * What stands between an account that is kept on paper and safety: undefined where nothing does. The new version lies
 * in an intact envelope, and what the older ones were printed on is destroyed.
 */
export function paperMissing(account: Account): string | undefined {
  if (account.keptIn !== 'envelope') return undefined;
  const all = Object.values(account.envelopes).filter(({ contains }) => isOfVersion(contains));
  const fresh = all.some((one) => one.version === account.current && isUseful(account, one));
  if (!fresh)
    return `has no intact envelope with version ${account.current} of “${account.document.id}” in place`;
  const old = all.find((one) => one.state !== 'destroyed' && isWorthless(account, one));
  return old === undefined
    ? undefined
    : `has left envelope ${old.serial} with version ${old.version} undestroyed`;
}
