import type { VerifiedStatement } from '@halligan/statement';
import { after, isAfter } from '../duration.ts';
import { happened } from '../events.ts';
import { type Decision, isSaid, type Said } from '../input.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { spendCode } from './approval-codes.ts';
import { soloExecutives } from './dual-control.ts';
import { type AtHand, CLOCK_SKEW } from './emergency-at-hand.ts';
import { undecidable } from './may-decide.ts';
import { counterpartOf } from './taking-part.ts';

/**
 * An approval that was spoken or written elsewhere. Two who heard it sign the same words: requester and second person
 * (or the executive in that place); or one of them gives the approver's one-time spoken code. The record says which.
 */
export function decideOtherMeans(
  state: State,
  found: AtHand,
  said: Said<'approve'>,
  others: readonly VerifiedStatement[],
  now: string,
): Decision {
  const { emergency, account } = found;
  const { method, approver, given, conditions, code } = said.statement;
  const counterpart = counterpartOf(emergency);
  const heard = [emergency.requester, ...(counterpart === undefined ? [] : [counterpart])];
  if (!heard.includes(said.by) || approver === undefined || given === undefined)
    return refuse(
      'authorisation.method',
      'Approval by other means is stated by those who heard it: who approved, by which means, when.',
      'Approvers with a device approve in the app: halligan emergency approve.',
      heard,
    );
  const refused = undecidable(state, found, approver);
  if (refused !== undefined) return refused;
  if (
    isAfter(emergency.at, after(given, CLOCK_SKEW, 'UTC')) ||
    isAfter(given, after(now, CLOCK_SKEW, 'UTC'))
  )
    return refuse(
      'authorisation.times',
      'That time lies before the declaration or in the future.',
      'Give the time when it was said; check the clock.',
    );
  const approval = {
    emergency: emergency.id,
    by: approver,
    method,
    ...(conditions === undefined ? {} : { conditions }),
    given,
  };
  if (code !== undefined) {
    if (others.length > 0)
      return refuse(
        'input.joint',
        'A spoken code needs no second signature.',
        'Send the one statement by itself.',
      );
    const spent = spendCode(state, emergency, approver, code);
    if ('refusal' in spent) return spent;
    return {
      events: [
        happened('EmergencyApproved', { ...approval, code: spent.commitment }),
        happened('ApprovalCodeSpent', {
          person: approver,
          commitment: spent.commitment,
          spentOn: emergency.id,
        }),
      ],
    };
  }
  const [other] = others;
  if (
    counterpart === undefined ||
    others.length !== 1 ||
    other === undefined ||
    !isSaid(other, 'approve') ||
    other.by === said.by ||
    !heard.includes(other.by) ||
    !isSameApproval(said, other)
  )
    return refuse(
      'authorisation.co-signature',
      counterpart === undefined
        ? 'Nobody is beside you to co-sign what was said.'
        : 'The second person has not signed the same approval.',
      counterpart === undefined
        ? 'An executive takes part first; or ask the approver for a one-time spoken code.'
        : 'Sign the same words both, and send both statements together; or ask for a one-time spoken code.',
      counterpart === undefined
        ? soloExecutives(state, account.versions[account.current], heard)
        : heard.filter((one) => one !== said.by),
    );
  return { events: [happened('EmergencyApproved', { ...approval, heardBy: heard })] };
}

/** Whether two statements say the same of who approved, by which means, when, and under which conditions. */
function isSameApproval(one: Said<'approve'>, other: Said<'approve'>): boolean {
  const [a, b] = [one.statement, other.statement];
  return (
    a.subject === b.subject &&
    a.purpose === b.purpose &&
    a.method === b.method &&
    a.approver === b.approver &&
    a.given === b.given &&
    a.conditions === b.conditions &&
    b.code === undefined
  );
}
