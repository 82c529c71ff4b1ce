import { isRotatedByPeople } from '../account/rotated-by.ts';
import { type Account, lastVersion } from '../account/state.ts';
import { after } from '../duration.ts';
import { openEmergencies } from '../emergency/register.ts';
import { isUnderWay } from '../emergency/state.ts';
import { entryOf, type State } from '../state.ts';
import { stalenessOf } from './staleness.ts';

/** Between two planned rotations of one system: whoever watches its sign-ins sees one at a time. */
const APART = 10 * 60_000;
/** How long before its timer ends a credential is renewed, so that nobody has to be told that it is late. */
const AHEAD = 7 * 86_400_000;

/**
 * The account whose credential is to be rotated next although nobody used it: a holder left or has other keys, a year
 * went by, or the quorum changed. One at a time, where there is something that rotates; never while an emergency is
 * under way, and never the last armed account of a system for a reason that can wait.
 */
export function plannedRotation(state: State, now: string): string | undefined {
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  if (policy === undefined || openEmergencies(state).some(isUnderWay)) return undefined;
  const accounts = Object.values(state.accounts).filter((one) => one.state !== 'retired');
  if (accounts.some(isBeingRotated)) return undefined;
  const urgencyOf = (account: Account): number | undefined => {
    const stale = stalenessOf(state, account);
    if (stale?.because === 'holder') return 0;
    const proven = account.versions[account.current]?.proven;
    const expires =
      proven === undefined
        ? Infinity
        : Date.parse(after(proven.at, policy.timers.credential_rotation, policy.time_zone));
    if (expires - AHEAD <= Date.parse(now)) return 1;
    return stale === undefined ? undefined : 2;
  };
  const mayWait = (account: Account, urgency: number): boolean => {
    const siblings = accounts.filter(
      (one) => one !== account && one.document.system === account.document.system,
    );
    const rested = [account, ...siblings].every((one) => {
      const at = one.versions[lastVersion(one)]?.proven?.at;
      return at === undefined || Date.parse(now) - Date.parse(at) >= APART;
    });
    return !rested || (urgency > 0 && siblings.some((one) => one.state !== 'armed'));
  };
  const due = accounts
    .filter(
      ({ state: is, document: { system } }) =>
        is === 'armed' &&
        entryOf(state.drivers, system) !== undefined &&
        !isRotatedByPeople(state, system),
    )
    .flatMap((account) => {
      const urgency = urgencyOf(account);
      return urgency === undefined || mayWait(account, urgency)
        ? []
        : [{ id: account.document.id, urgency }];
    })
    .sort((a, b) => a.urgency - b.urgency || (a.id < b.id ? -1 : 1));
  return due[0]?.id;
}

/** Sealed, and neither proven nor given up. */
function isBeingRotated(account: Account): boolean {
  const last = account.versions[lastVersion(account)];
  return last !== undefined && last.proven === undefined && last.failed === undefined;
}
