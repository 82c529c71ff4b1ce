import { digestOf } from '@halligan/format';
import type { VerifiedStatement } from '@halligan/statement';
import { after, isAfter } from '../duration.ts';
import { happened } from '../events.ts';
import { type Decision, isSaid, type Said } from '../input.ts';
import { refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { emergencyAtHand } from './emergency-at-hand.ts';
import { decidersOf } from './taking-part.ts';

const CHANNELS = ['phone', 'message', 'email'] as const;

/**
 * The silence exception: every approver and deputy who could decide was tried by phone, message and e-mail, over at
 * least the policy's waiting time, and nobody refused. What the server sent counts; the other attempts are the
 * requester's word and the second person's, who signs the same ones: the record says which is which.
 */
export function decideException(
  state: State,
  said: Said<'exception'>,
  others: readonly VerifiedStatement[],
  now: string,
): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const { emergency, policy } = found;
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
      decidersOf(state, emergency).filter(
        (one) => !emergency.refusals.some(({ by }) => by === one),
      ),
    );
  if (emergency.second === undefined)
    return refuse(
      'exception.solo',
      'Nobody is beside you: silence and solo never go together.',
      'Abort it, and declare with a second person; or reach an approver.',
      decidersOf(state, emergency),
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
  const silent = decidersOf(state, emergency);
  if (silent.length === 0)
    return refuse(
      'exception.nobody',
      'Nobody is left who could have been silent.',
      'Abort it, and let somebody else declare.',
    );
  const tried = [
    ...attempts,
    ...emergency.contacts
      .filter(({ what }) => what === 'approval-request')
      .map(({ person, channel, contacted }) => ({ person, channel, at: contacted })),
  ];
  for (const person of silent) {
    const missing = CHANNELS.find(
      (channel) => !tried.some((one) => one.person === person && one.channel === channel),
    );
    if (missing !== undefined)
      return refuse(
        'exception.attempts',
        `${person} was not tried by ${missing}.`,
        'Try every approver and deputy by phone, message and e-mail.',
        silent,
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
  if (!isAfter(now, waited) || !tried.some((one) => !isAfter(waited, one.at)))
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
