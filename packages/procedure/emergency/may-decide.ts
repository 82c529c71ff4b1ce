import { type Refusal, refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import type { AtHand } from './emergency-at-hand.ts';
import { sharingExecutives } from './offline.ts';
import { decidersOf, participants } from './taking-part.ts';

/** Why somebody's yes or no counts for nothing here, if so. @param offline said without the server */
export function undecidable(
  state: State,
  { emergency }: AtHand,
  by: string,
  offline = false,
): { readonly refusal: Refusal } | undefined {
  const apart = participants(emergency);
  const more = offline ? sharingExecutives(state, emergency) : [];
  const eligible = [
    ...new Set([...decidersOf(state, emergency), ...more.filter((one) => !apart.includes(one))]),
  ];
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
