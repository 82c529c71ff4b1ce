import { entryOf, type State } from '../state.ts';
import type { Scenario } from './events.ts';
import { isTest, later } from './past.ts';
import { allEmergencies, openEmergencies } from './register.ts';
import { type Emergency, revealedBy } from './state.ts';

/** How long each step took, seconds from the declaration; the reset from the end. Null where it did not happen. */
export interface Measures {
  readonly toAlert: number | null;
  readonly toAuthorise: number | null;
  readonly toQuorum: number | null;
  readonly toReveal: number | null;
  readonly toReset: number | null;
  readonly toClose: number | null;
}

/** What the record's own times say of an emergency or drill. */
export function measuresOf(emergency: Emergency): Measures {
  const { at, approval, contacts, notes, reset, closed } = emergency;
  const over = emergency.ended?.at ?? emergency.aborted?.at;
  const since = (from: string | undefined, instant: string | undefined): number | null =>
    from === undefined || instant === undefined
      ? null
      : Math.max(0, Math.round((Date.parse(instant) - Date.parse(from)) / 1000));
  const asked = contacts
    .filter(({ what }) => what === 'approval-request')
    .map(({ contacted }) => contacted)
    .sort();
  const shown = notes.find(({ about }) => about === 'reveal' || about === 'access');
  return {
    toAlert: since(at, asked[0]),
    toAuthorise: since(at, approval?.at),
    toQuorum: since(at, revealedBy(emergency)?.quorumAt),
    toReveal: since(at, shown?.at),
    toReset: since(over, reset?.at),
    toClose: since(at, closed?.at),
  };
}

/** One drill, as the history keeps it. */
export interface DrillRecord {
  readonly emergency: string;
  readonly account: string;
  readonly at: string;
  readonly scenario: Scenario | null;
  readonly outcome: 'open' | 'aborted' | 'closed';
  /** Whether it showed that the account works: opened, used, reset and exercised. A tabletop never does. */
  readonly tested: boolean;
  readonly measures: Measures;
}

/** Every drill, the latest first. */
export function drillHistory(state: State): readonly DrillRecord[] {
  return allEmergencies(state)
    .filter((one) => one.drill)
    .map(
      (one): DrillRecord => ({
        emergency: one.id,
        account: one.account,
        at: one.at,
        scenario: one.scenario ?? null,
        outcome:
          one.closed !== undefined ? 'closed' : one.aborted !== undefined ? 'aborted' : 'open',
        tested: isTest(one),
        measures: measuresOf(one),
      }),
    )
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || (a.emergency < b.emergency ? -1 : 1));
}

/** When an account was last shown to work, by a drill or in earnest; undefined where never. */
export function lastTested(state: State, account: string): string | undefined {
  return openEmergencies(state)
    .filter((one) => one.account === account && isTest(one))
    .map((one) => one.exercised?.at)
    .reduce(later, entryOf(state.emergencies.past.practised, account)?.tested);
}

/** When what an account had was last exercised, whether anybody had used it or not; undefined where never. */
export function lastExercised(state: State, account: string): string | undefined {
  return openEmergencies(state)
    .filter((one) => one.account === account)
    .map((one) => one.exercised?.at)
    .reduce(later, entryOf(state.emergencies.past.practised, account)?.exercised);
}
