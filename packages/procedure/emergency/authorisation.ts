import { digestOf } from '@halligan/format';
import type { VerifiedStatement } from '@halligan/statement';
import { after, isAfter } from '../duration.ts';
import { happened } from '../events.ts';
import { type Decision, isSaid, type Said } from '../input.ts';
import { approversOf } from '../organisation/policy.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import type { AtHand } from './emergency-at-hand.ts';
import { emergencyAtHand } from './emergency-at-hand.ts';

/** An approver says yes. Nobody approves what they asked for or take part in. */
export function decideApproval(state: State, said: Said<'approve'>): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const { emergency } = found;
  const refused = undecidable(found, said.by);
  if (refused !== undefined) return refused;
  const { method, conditions } = said.statement;
  if (method !== 'app') {
    return refuse(
      'authorisation.method',
      'Approval by other means is co-signed by the second person.',
      'Approve in the app: halligan emergency approve.',
    );
  }
  return {
    events: [
      happened('EmergencyApproved', {
        emergency: emergency.id,
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
  const refused = undecidable(found, said.by);
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

function undecidable({ emergency, account, policy }: AtHand, by: string): Decision | undefined {
  const eligible = approversOf(policy, account.document.quorum).filter(
    (person) => ![emergency.requester, emergency.second, emergency.witness].includes(person),
  );
  if (by === emergency.requester) {
    return refuse(
      'authorisation.self-approval',
      'You can’t decide on this: you asked for it.',
      'Ask somebody else.',
      eligible,
    );
  }
  if (!eligible.includes(by)) {
    return refuse(
      'authorisation.not-approver',
      'You can’t decide on this: you do not approve for this account, or take part in it.',
      'Ask an approver.',
      eligible,
    );
  }
  if (emergency.aborted !== undefined || emergency.ended !== undefined) {
    return refuse('authorisation.over', 'This emergency has ended.', 'Nothing needs deciding.');
  }
  if (emergency.approval !== undefined) {
    return refuse(
      'authorisation.decided',
      'This emergency is authorised already.',
      'Nothing needs deciding.',
    );
  }
  if (emergency.refusals.some((one) => one.by === by)) {
    return refuse(
      'authorisation.decided',
      'You refused this already.',
      'Ask the requester to declare again.',
    );
  }
  return undefined;
}

const CHANNELS = ['phone', 'message', 'email'] as const;

/**
 * The silence exception: every listed approver was tried by phone, message and e-mail, over at least the policy's
 * waiting time, and nobody refused. The attempts are the requester's word and the second person's, who signs the same
 * ones: the record says so.
 */
export function decideException(
  state: State,
  said: Said<'exception'>,
  others: readonly VerifiedStatement[],
  now: string,
): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const { emergency, account, policy } = found;
  if (said.by !== emergency.requester)
    return refuse(
      'exception.requester',
      'The requester invokes the exception.',
      `Ask ${emergency.requester}.`,
      [emergency.requester],
    );
  if (emergency.aborted !== undefined || emergency.ended !== undefined)
    return refuse('authorisation.over', 'This emergency has ended.', 'Nothing needs deciding.');
  if (emergency.approval !== undefined)
    return refuse(
      'authorisation.decided',
      'This emergency is authorised already.',
      'Go on to the opening.',
    );
  if (emergency.refusals.length > 0)
    return refuse(
      'exception.refused',
      'An approver refused: that is not silence.',
      'Ask another approver to approve.',
      approversOf(policy, account.document.quorum),
    );
  const { attempts } = said.statement;
  const [second] = others;
  if (
    others.length !== 1 ||
    second === undefined ||
    !isSaid(second, 'exception') ||
    second.by !== emergency.second ||
    second.statement.subject !== said.statement.subject ||
    second.statement.purpose !== said.statement.purpose ||
    digestOf(second.statement.attempts) !== digestOf(attempts)
  )
    return refuse(
      'exception.co-signature',
      'The second person has not signed the same attempts.',
      `Ask ${emergency.second} to sign them too, and send both statements together.`,
      [emergency.second],
    );
  for (const person of approversOf(policy, account.document.quorum)) {
    if (person === emergency.requester) continue;
    const missing = CHANNELS.find(
      (channel) => !attempts.some((one) => one.person === person && one.channel === channel),
    );
    if (missing !== undefined)
      return refuse(
        'exception.attempts',
        `${person} was not tried by ${missing}.`,
        'Try every approver and deputy by phone, message and e-mail.',
      );
  }
  const outside = attempts.find((one) => isAfter(emergency.at, one.at) || isAfter(one.at, now));
  if (outside !== undefined)
    return refuse(
      'exception.times',
      'An attempt lies before the declaration or in the future.',
      'Give each attempt its time.',
    );
  const waited = after(emergency.at, policy.timers.approver_wait, policy.time_zone);
  if (!isAfter(now, waited) || !attempts.some((one) => !isAfter(waited, one.at)))
    return refuse(
      'exception.wait',
      `Approvers have until ${waited}; the last attempt is no earlier.`,
      'Keep trying them until then, and once more when it has passed.',
    );
  return {
    events: [
      happened('EmergencyApproved', {
        emergency: emergency.id,
        by: said.by,
        method: 'silence exception',
      }),
    ],
  };
}
