import type { VerifiedStatement } from '@halligan/statement';
import type { Account } from '../account/state.ts';
import { after, isAfter } from '../duration.ts';
import type { Policy } from '../organisation/policy.ts';
import type { Refusal } from '../refusal.ts';
import { refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import { emergencyById } from './register.ts';
import type { Emergency } from './state.ts';

/** An emergency that a statement speaks of, with what judges it. */
export interface AtHand {
  readonly emergency: Emergency;
  readonly account: Account;
  readonly policy: Policy;
}

/** What a kind of statement may be about, besides an open emergency and for its own purpose. */
export interface Latitude {
  /** Addenda come after the close, too. */
  readonly closed?: boolean;
  /** Openings and releases may be for the exercise of what was reset. */
  readonly exercise?: boolean;
  /** A drill becomes real by a statement that was signed for real. */
  readonly conversion?: boolean;
}

/** How far a signer's clock may be from the server's. */
export const CLOCK_SKEW = '5m';

/**
 * Finds the open emergency that a statement is about, and holds it to the same purpose: what was signed in a drill
 * never counts in a real emergency, nor the reverse, and what was signed for an exercise counts for that only.
 */
export function emergencyAtHand(
  state: State,
  said: VerifiedStatement,
  latitude: Latitude = {},
): AtHand | { readonly refusal: Refusal } {
  const { subject, purpose } = said.statement;
  const emergency = emergencyById(state, subject);
  const account = entryOf(state.accounts, emergency?.account);
  const policy = emergency === undefined ? undefined : state.policies[emergency.policy];
  if (emergency === undefined || account === undefined || policy === undefined) {
    return refuse(
      'emergency.unknown',
      'There is no such emergency.',
      'See halligan emergency list.',
    );
  }
  const expected = emergency.drill && latitude.conversion !== true ? 'drill' : 'real';
  if (!(purpose === 'exercise' && latitude.exercise === true) && purpose !== expected) {
    return refuse(
      'emergency.purpose',
      `This was signed for the purpose “${purpose}”; the emergency is ${emergency.drill ? 'a drill' : 'real'}.`,
      'Sign for what it is.',
    );
  }
  const { converted } = emergency;
  if (
    converted !== undefined &&
    isAfter(converted.at, after(said.statement.at, CLOCK_SKEW, 'UTC'))
  ) {
    return refuse(
      'emergency.converted',
      'This was signed while it was a drill.',
      'Sign again, now that it is real.',
    );
  }
  if (emergency.closed !== undefined && latitude.closed !== true) {
    return refuse(
      'emergency.closed',
      'This emergency is closed.',
      'Corrections are addenda to its record.',
    );
  }
  return { emergency, account, policy };
}
