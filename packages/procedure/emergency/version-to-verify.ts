import { isAfter } from '../duration.ts';
import type { State } from '../state.ts';
import { type Emergency, isTouched } from './state.ts';

/**
 * The version whose exercise shows that an emergency is made good: the account's proven one, set after the emergency
 * was over, and of which no share went to a person since, nor to an exercise that was cut short (that touches it, too).
 * Undefined as long as a rotation is due.
 */
export function versionToVerify(state: State, emergency: Emergency): number | undefined {
  const over = emergency.ended?.at ?? emergency.aborted?.at;
  const account = state.accounts[emergency.account];
  const version = account?.versions[account.current];
  if (over === undefined || !isTouched(emergency)) return undefined;
  if (account === undefined || version?.proven === undefined) return undefined;
  const { proven } = version;
  if (isAfter(over, proven.at) || version.touched || proven.old === 'accepted') return undefined;
  const cutShort = emergency.openings.some(
    (one) =>
      one.exercise && one.version === account.current && one.expired && one.releases.length > 0,
  );
  return cutShort ? undefined : account.current;
}

/** Whether what an emergency revealed is worth nothing any more. */
export function isReset(state: State, emergency: Emergency): boolean {
  return emergency.exercised !== undefined || versionToVerify(state, emergency) !== undefined;
}
