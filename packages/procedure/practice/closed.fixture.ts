import assert from 'node:assert/strict';
import { actionDuties } from '../emergency/making-good.ts';
import { isGivenUp, isTest, later, MOST_GIVEN_UP } from '../emergency/past.ts';
import {
  allEmergencies,
  emergencyById,
  isOpen,
  lastTested,
  type Obligation,
  packsDue,
  type State,
} from '../index.ts';
import { keepingDue, recordsToDecide } from '../keeping/duties.ts';

/** When every record may be erased, milliseconds after now. */
const RETENTION = 8 * 365 * 86_400_000;

/**
 * Rules look at few of the closed emergencies. What looking at all of them comes to is the same.
 * @param due what the rules say is due now
 */
export function holdsOfTheClosed(state: State, now: string, due: readonly Obligation[]): void {
  const all = allEmergencies(state);
  const { open, past } = state.emergencies;
  const ids = new Set(all.map(({ id }) => id));
  assert.equal(ids.size, all.length, 'an emergency stands twice');
  for (const one of all) {
    assert.equal(Object.hasOwn(open, one.id), isOpen(one), `${one.id} is not where it belongs`);
    assert.equal(emergencyById(state, one.id), one);
  }
  const closed = all.filter((one) => !isOpen(one));
  const owed = [
    ...all.flatMap((one) => actionDuties(state, one)),
    ...closed.flatMap((one) => keepingDue(state, one, now)),
  ];
  const said = due.filter(({ what }) => what === 'action' || what === 'retention');
  assert.deepEqual(said.map(({ id }) => id).sort(), owed.map(({ id }) => id).sort());
  const yearsOn = new Date(Date.parse(now) + RETENTION).toISOString();
  const kept = (list: typeof all) =>
    list.flatMap((one) => keepingDue(state, one, yearsOn).map(({ id }) => id)).sort();
  assert.deepEqual(kept(recordsToDecide(state, yearsOn)), kept(closed));
  assert.equal(
    packsDue(state).length,
    closed.filter(({ keeping }) => keeping?.erasure === undefined || keeping.erasure.done).length,
  );
  for (const account of Object.keys(state.accounts)) {
    const tested = all.filter((one) => one.account === account && isTest(one));
    const last = tested.map((one) => one.exercised?.at).reduce(later, undefined);
    assert.equal(lastTested(state, account), last, `when ${account} was last tested`);
  }
  for (const person of new Set(closed.map(({ requester }) => requester))) {
    const givenUp = closed
      .filter((one) => one.requester === person && isGivenUp(one))
      .map(({ at }) => at)
      .sort()
      .slice(-MOST_GIVEN_UP);
    const known = Object.hasOwn(past.givenUp, person) ? past.givenUp[person] : {};
    assert.deepEqual(Object.values(known ?? {}).sort(), givenUp, `what ${person} gave up`);
  }
}
