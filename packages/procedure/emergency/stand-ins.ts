import type { Role } from '@halligan/statement';
import { isPerson } from '../quorum.ts';
import type { State } from '../state.ts';
import type { Emergency } from './state.ts';
import { counterpartOf, participants } from './taking-part.ts';

/** Two people sign a record: where both have left, two others must be there to stand in. */
const FEWEST = 2;

/**
 * Who may act in the place of somebody who has left the roster: whoever closes emergencies, as long as they take no part
 * in this one; where these are fewer than two, the admins as well; and last anybody on the roster. Without it an
 * emergency would wait for ever for a signature that nobody can give. Who has not left has no stand-in.
 */
export function seatOf(
  state: State,
  emergency: Emergency,
  person: string | undefined,
): readonly string[] {
  if (person !== undefined && isPerson(state.roster, person)) return [person];
  const parts = participants(emergency);
  const outside = (people: readonly string[]) => people.filter((one) => !parts.includes(one));
  const closers = outside(closersOf(state));
  const everybody = peopleOf(state).map((one) => one.id);
  return (
    [
      closers,
      [...new Set([...closers, ...outside(having(state, 'admin'))])],
      outside(everybody),
    ].find((people) => people.length >= FEWEST) ?? everybody
  );
}

/** The two whose word the record is: requester and second person, or whoever stands in, a seat each. */
export function signersOf(state: State, emergency: Emergency): readonly (readonly string[])[] {
  return bothOf(emergency).map((person) => seatOf(state, emergency, person));
}

/** The two whose word the record is, as they were named; without a second person, the executive who signed first. */
export function bothOf(emergency: Emergency): readonly string[] {
  const counterpart = counterpartOf(emergency);
  return [emergency.requester, ...(counterpart === undefined ? [] : [counterpart])];
}

/**
 * In whose place somebody signs the record: their own, or that of one who has left and whom nobody stands in for yet.
 * Undefined where they may not sign, or not once more.
 */
export function placeOf(
  state: State,
  emergency: Emergency,
  by: string,
  taken: readonly string[],
): string | undefined {
  return bothOf(emergency).find(
    (person) => !taken.includes(person) && seatOf(state, emergency, person).includes(by),
  );
}

/** Who closes emergencies: security and auditors; where there is nobody of the two, the admins. */
export function closersOf(state: State): readonly string[] {
  const closers = having(state, 'security', 'auditor');
  return closers.length > 0 ? closers : having(state, 'admin');
}

function having(state: State, ...roles: readonly Role[]): readonly string[] {
  return peopleOf(state)
    .filter((one) => roles.some((role) => one.roles.includes(role)))
    .map((one) => one.id);
}

function peopleOf({ roster }: State) {
  return (roster?.members ?? []).filter((member) => member.kind === 'person');
}
