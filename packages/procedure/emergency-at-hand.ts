import type { VerifiedStatement } from '@halligan/statement';
import type { Policy } from './policy.ts';
import type { Refusal } from './refusal.ts';
import { refuse } from './refusal.ts';
import type { Account, Emergency, State } from './state.ts';

/** An emergency that a statement speaks of, with what judges it. */
export interface AtHand {
  readonly emergency: Emergency;
  readonly account: Account;
  readonly policy: Policy;
}

/**
 * Finds the open emergency that a statement is about, and holds it to the same purpose: what was signed in a drill
 * never counts in a real emergency, nor the reverse.
 */
export function emergencyAtHand(
  state: State,
  said: VerifiedStatement,
): AtHand | { readonly refusal: Refusal } {
  const { subject, purpose } = said.statement;
  const emergency = state.emergencies[subject];
  const account = emergency === undefined ? undefined : state.accounts[emergency.account];
  const policy = emergency === undefined ? undefined : state.policies[emergency.policy];
  if (emergency === undefined || account === undefined || policy === undefined) {
    return refuse(
      'emergency.unknown',
      'There is no such emergency.',
      'See halligan emergency list.',
    );
  }
  if (purpose !== 'exercise' && purpose !== (emergency.drill ? 'drill' : 'real')) {
    return refuse(
      'emergency.purpose',
      `This was signed for a ${purpose} one; the emergency is ${emergency.drill ? 'a drill' : 'real'}.`,
      'Sign for what it is.',
    );
  }
  if (emergency.closed !== undefined) {
    return refuse(
      'emergency.closed',
      'This emergency is closed.',
      'Corrections are addenda to its record.',
    );
  }
  return { emergency, account, policy };
}
