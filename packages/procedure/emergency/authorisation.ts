import type { VerifiedStatement } from '@halligan/statement';
import { happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { emergencyAtHand } from './emergency-at-hand.ts';
import { undecidable } from './may-decide.ts';
import { isOffline } from './offline.ts';
import { decideOtherMeans } from './other-means.ts';

/**
 * An approver says yes: on their own device, or by other means, which those who heard it sign for or a one-time spoken
 * code proves. Nobody approves what they asked for or take part in.
 */
export function decideApproval(
  state: State,
  said: Said<'approve'>,
  others: readonly VerifiedStatement[],
  now: string,
): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const { method, conditions, approver, given, code } = said.statement;
  if (method !== 'app') return decideOtherMeans(state, found, said, others, now);
  if (others.length > 0)
    return refuse(
      'input.joint',
      'These statements are not one joint decision.',
      'Send each by itself.',
    );
  const refused = undecidable(state, found, said.by, isOffline(said));
  if (refused !== undefined) return refused;
  if (approver !== undefined || given !== undefined || code !== undefined)
    return refuse(
      'authorisation.method',
      'In the app approvers sign for themselves.',
      'Sign your own approval, or give the means by which it was said.',
    );
  return {
    events: [
      happened('EmergencyApproved', {
        emergency: found.emergency.id,
        by: said.by,
        method,
        ...(conditions === undefined ? {} : { conditions }),
      }),
    ],
  };
}

/** An approver says no. It bars the silence exception: silence and refusal are not the same. */
export function decideRefusal(state: State, said: Said<'refuse'>): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const refused = undecidable(state, found, said.by);
  if (refused !== undefined) return refused;
  return {
    events: [
      happened('EmergencyRefused', {
        emergency: found.emergency.id,
        by: said.by,
        reason: said.statement.reason,
      }),
    ],
  };
}
