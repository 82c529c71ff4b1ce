import { isProgram, ROTATOR } from '../emergency/opening.ts';
import { entryOf, type State } from '../state.ts';

/**
 * Whether people rotate the accounts of a system: nothing reaches it, or the rotator has left the roster. Its id never
 * comes back, and what it would set nobody could prove: the record refuses the word of who is not on the roster.
 */
export function isRotatedByPeople(state: State, system: string): boolean {
  return entryOf(state.byHand ?? {}, system) === true || !isProgram(state, ROTATOR);
}
