import { personsWithRole } from '@halligan/statement';
import { approversOf } from '../organisation/policy.ts';
import { isPerson } from '../quorum.ts';
import { entryOf, type State } from '../state.ts';
import type { Emergency } from './state.ts';

/** Requester, second person, witness, and who signed as executive: nobody of them decides on what they take part in. */
export function participants(emergency: Emergency): readonly string[] {
  const { requester, second, witness } = emergency;
  return [...new Set([requester, ...named(second), ...named(witness), ...executivesOf(emergency)])];
}

/** Executives who signed first, because there is no second person; whoever did last stands last. */
export function executivesOf(emergency: Emergency): readonly string[] {
  return Object.entries(emergency.parts)
    .filter(([, part]) => part.role === 'executive')
    .sort(([a, one], [b, other]) => Date.parse(one.at) - Date.parse(other.at) || (a < b ? -1 : 1))
    .map(([person]) => person);
}

/**
 * The other authorised person beside the requester: the second person, or the executive who signed in that place.
 * Undefined in a solo emergency before an executive signed: until then nothing leaves its holder.
 */
export function counterpartOf(emergency: Emergency): string | undefined {
  return emergency.second ?? executivesOf(emergency).at(-1);
}

/** Whether somebody named confirmed their part, and is still with the organisation. */
export function hasConfirmed(state: State, emergency: Emergency, person: string): boolean {
  return entryOf(emergency.parts, person) !== undefined && isPerson(state.roster, person);
}

/**
 * Who may decide on an emergency: the listed approvers and deputies that neither take part nor have left. Where nobody
 * of them remains, executives, and then admins, decide: a roster that changed meanwhile must not lock an organisation
 * out.
 */
export function decidersOf(state: State, emergency: Emergency): readonly string[] {
  const policy = state.policies[emergency.policy];
  const tier = entryOf(state.accounts, emergency.account)?.document.quorum;
  const apart = participants(emergency);
  const listed = policy === undefined || tier === undefined ? [] : approversOf(policy, tier);
  const having = (role: 'executive' | 'admin') =>
    state.roster === undefined ? [] : personsWithRole(state.roster, role).map(({ id }) => id);
  for (const group of [listed, having('executive'), having('admin')]) {
    const able = group.filter((one) => !apart.includes(one) && isPerson(state.roster, one));
    if (able.length > 0) return able;
  }
  return [];
}

function named(person: string | undefined): readonly string[] {
  return person === undefined ? [] : [person];
}
