import { holdsOn } from '../keeping/state.ts';
import {
  onShelf,
  putSince,
  type Shelf,
  type Shelving,
  shelfOf,
  shelve,
  shelved,
} from '../shelf.ts';
import { entryOf, type State } from '../state.ts';
import { openActions } from './actions.ts';
import { type Past, pastWith } from './past.ts';
import { type Emergency, isOpen } from './state.ts';

/**
 * Every emergency there ever was. Those that are open are few, and rules look at each of them after every event; those
 * that are closed become very many, and are looked at where something is still owed for them, or where somebody names
 * one.
 */
export interface Register {
  /** By id, in the order in which they were declared. */
  readonly open: Readonly<Record<string, Emergency>>;
  /** Waiting since their close: for somebody to decide what becomes of the record. */
  readonly closed: Shelf<Emergency>;
  /** Those closed ones for which an action that their review decided on, or an erasure, is not done yet. */
  readonly owing: Readonly<Record<string, true>>;
  /** What rules ask of all that are closed. */
  readonly past: Past;
}

/** The emergency that has this id; undefined where nobody declared it. */
export function emergencyById(
  { emergencies }: Pick<State, 'emergencies'>,
  id: string | undefined,
): Emergency | undefined {
  if (id === undefined) return undefined;
  return entryOf(emergencies.open, id) ?? shelved(emergencies.closed, id);
}

/** Those that are not closed, in the order in which they were declared. */
export function openEmergencies({ emergencies }: State): readonly Emergency[] {
  return Object.values(emergencies.open);
}

/** Closed ones for which something is not done yet. */
export function owingEmergencies(state: State): readonly Emergency[] {
  return Object.keys(state.emergencies.owing).flatMap((id) => emergencyById(state, id) ?? []);
}

/** All of them, which may be very many: the closed ones in no particular order, then the open ones. */
export function allEmergencies({ emergencies }: State): readonly Emergency[] {
  return [...onShelf(emergencies.closed), ...Object.values(emergencies.open)];
}

/** Those that were closed, or changed after their close, since the state was another; all closed ones where none was. */
export function closedSince({ emergencies }: State, before?: State): readonly Emergency[] {
  return [...putSince(emergencies.closed, before?.emergencies.closed)];
}

/** The register with an emergency as it is now: a new one, or in the place of what it was. */
export function withEmergency(register: Register, emergency: Emergency): Register {
  const { id } = emergency;
  if (isOpen(emergency)) return { ...register, open: { ...register.open, [id]: emergency } };
  const { [id]: _open, ...open } = register.open;
  const { [id]: _owing, ...owing } = register.owing;
  return {
    open,
    closed: shelve(register.closed, emergency, SHELVING),
    owing: isOwing(emergency) ? { ...owing, [id]: true } : owing,
    past: pastWith(register.past, emergency),
  };
}

/**
 * The register with all of its emergencies, which were taken out of it and put away: its past, and what is owed, know of
 * them already.
 * @param emergencies the open ones in the order in which they were declared
 */
export function putBack(register: Register, emergencies: readonly Emergency[]): Register {
  const open = emergencies.filter(isOpen).map((emergency) => [emergency.id, emergency] as const);
  const closed = emergencies.filter((emergency) => !isOpen(emergency));
  return { ...register, open: Object.fromEntries(open), closed: shelfOf(closed, SHELVING) };
}

function isOwing(emergency: Emergency): boolean {
  return openActions(emergency).length > 0 || isErasureDue(emergency);
}

/** Whether two people ordered the texts of its record to be erased, and they are not yet. */
export function isErasureDue({ keeping }: Emergency): boolean {
  return keeping?.erasure !== undefined && keeping.erasure.done === undefined;
}

const SHELVING: Shelving<Emergency> = {
  idOf: ({ id }) => id,
  sinceOf: (emergency) =>
    emergency.keeping?.erasure !== undefined || holdsOn(emergency).length > 0
      ? undefined
      : emergency.closed?.at,
};
