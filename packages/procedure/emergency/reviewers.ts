import { personsWithRole } from '@halligan/statement';
import { isPerson } from '../quorum.ts';
import { entryOf, type State } from '../state.ts';
import { closersOf } from './stand-ins.ts';
import type { Emergency } from './state.ts';
import { counterpartOf } from './taking-part.ts';

/**
 * Who must sign the review, a seat each: requester, second person, approver, security and system owner. One person may
 * sit on several. For whoever has left the roster, those who close emergencies sign: a review never waits for nobody.
 */
export function reviewersOf(state: State, emergency: Emergency): readonly (readonly string[])[] {
  const security =
    state.roster === undefined
      ? []
      : personsWithRole(state.roster, 'security').map((member) => member.id);
  const owner = entryOf(state.systems, emergency.system)?.owner;
  const approver =
    emergency.approval === undefined || emergency.approval.method === 'silence exception'
      ? emergency.approver
      : emergency.approval.by;
  const seats = [
    [emergency.requester],
    [counterpartOf(emergency) ?? emergency.requester],
    [approver],
    security,
    owner === undefined ? [] : [owner],
  ];
  return seats.map((seat) => {
    const present = seat.filter((person) => isPerson(state.roster, person));
    return present.length > 0 ? present : closersOf(state);
  });
}
