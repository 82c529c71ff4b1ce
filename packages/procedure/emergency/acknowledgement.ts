import { happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import { emergencyAtHand } from './emergency-at-hand.ts';

/** The second person and the witness confirm their role, each with their own key, before anything is opened. */
export function decideAcknowledgement(state: State, said: Said<'take-part'>): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const { emergency } = found;
  const { role, together } = said.statement;
  if (emergency.ended !== undefined || emergency.aborted !== undefined) {
    return refuse(
      'acknowledgement.over',
      'This emergency has ended.',
      'Nothing is left to take part in.',
    );
  }
  const named = { second: emergency.second, witness: emergency.witness, executive: undefined }[
    role
  ];
  if (named !== said.by) {
    return refuse(
      'acknowledgement.not-named',
      `You are not named as ${role} of this emergency.`,
      'The requester names people in the declaration.',
      named === undefined ? [] : [named],
    );
  }
  if (entryOf(emergency.parts, said.by) !== undefined) {
    return refuse('acknowledgement.again', 'You take part already.', 'Nothing more is needed.');
  }
  return {
    events: [happened('PartTaken', { emergency: emergency.id, by: said.by, role, together })],
  };
}
