/**
 * What a simulation journals, an auditor judges: signed with keys this time, hostile steps and all. The replay of the
 * whole log comes to the same state, and that of each emergency's own part to the same claims as the whole of it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { groupOf, replay, streamsOf } from '../packages/evidence/index.ts';
import { whatHappened } from '../packages/evidence/what-happened.ts';
import {
  allEmergencies,
  emergencyById,
  type State,
  storedInputOf,
  streamOf,
  verifyInput,
} from '../packages/procedure/index.ts';
import {
  type Pen,
  REAL_PEN,
} from '../packages/procedure/practice/practice-organisation.fixture.ts';
import { stepsOf } from '../packages/procedure/practice/random-people.fixture.ts';
import { Simulation } from '../packages/procedure/simulation/simulation.fixture.ts';
import { WORLDS, worldOf } from '../packages/procedure/simulation/world.fixture.ts';
import { entriesOf } from './golden.fixture.ts';

/** More of them: HALLIGAN_REPLAYED_EMERGENCIES=500. */
const EMERGENCIES = Number(process.env.HALLIGAN_REPLAYED_EMERGENCIES ?? 30);
const SEED = Number(process.env.HALLIGAN_REPLAYED_SEED ?? 11);

/** As a server takes inputs in: what has another form never comes to the rules. */
const AT_THE_BORDER: Pen = {
  ...REAL_PEN,
  verify: async (state, stored) =>
    verifyInput(state, storedInputOf(JSON.parse(JSON.stringify(stored)))),
};

/** One organisation until everything is closed, every statement signed and verified. */
async function played(number: number): Promise<Simulation> {
  const simulation = new Simulation(await worldOf(number % WORLDS, AT_THE_BORDER));
  const steps = fc.sample(stepsOf({ minLength: 40, maxLength: 90 }), {
    numRuns: 1,
    seed: SEED * 1_000_003 + number,
  });
  for (const step of steps.flat()) await simulation.take(step);
  await simulation.settle();
  return simulation;
}

function claimsOf(
  state: State,
  id: string,
  groups: Parameters<typeof whatHappened>[2],
): readonly string[] {
  const emergency = emergencyById(state, id);
  assert.ok(emergency !== undefined);
  return whatHappened(state, emergency, groups, new Map()).map(
    ({ verdict, basis, claim }) => `${verdict} (${basis}) ${claim}`,
  );
}

test('an auditor’s replay of simulated records comes to the same state and the same claims', async () => {
  let emergencies = 0;
  let folded = 0;
  let attacks = 0;
  for (let number = 0; emergencies < EMERGENCIES; number += 1) {
    const { org, tally } = await played(number);
    attacks += tally.under('attack:').reduce((sum, [, times]) => sum + times, 0);
    // What changes nothing is not journaled.
    const journaled = org.history.filter((one) => one.events.length > 0);
    const groups = entriesOf(journaled).map((bytes, index) => groupOf(index, bytes));
    const all = new Set(groups.flatMap(({ events }) => events.map(streamOf)));
    const whole = await replay(groups, all);
    assert.equal(whole.folded, 0);
    assert.deepEqual(whole.state, JSON.parse(JSON.stringify(org.state)), `organisation ${number}`);
    for (const { id, account } of allEmergencies(org.state)) {
      emergencies += 1;
      const streams = streamsOf(id, account);
      const own = groups.filter(({ events }) =>
        events.some((event) => streams.has(streamOf(event))),
      );
      const part = await replay(own, streams);
      folded += part.folded;
      assert.deepEqual(
        claimsOf(part.state, id, own),
        claimsOf(whole.state, id, own),
        `organisation ${number}, emergency ${id.slice(0, 12)}`,
      );
    }
  }
  // Otherwise it showed nothing of what matters: lies, and entries of other emergencies about the same account.
  assert.ok(
    attacks > 0 && folded > 0,
    `${attacks} attacks, ${folded} entries of other emergencies`,
  );
});
