import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalText } from '@halligan/format';
import fc from 'fast-check';
import { decide, EMPTY, evolve, type StoredInput, verifyInput } from './index.ts';
import { POLICY, plain, stamped } from './practice/practice-organisation.fixture.ts';
import { at } from './practice/practice-stages.fixture.ts';
import { type Step, stepsOf } from './practice/random-people.fixture.ts';
import { Simulation } from './simulation/simulation.fixture.ts';

/**
 * With real signatures; `npm run simulate` goes without, and far. The same lists each time, so that a change is judged
 * by itself; others, and more, in a long run: HALLIGAN_PROPERTY_RUNS=5000 HALLIGAN_PROPERTY_SEED=7.
 */
const numRuns = Number(process.env.HALLIGAN_PROPERTY_RUNS ?? 60);
const seed = Number(process.env.HALLIGAN_PROPERTY_SEED ?? 1);

const steps = stepsOf({ minLength: 20, maxLength: 45 });

/** With a path for one person and an executive: one of whom, ana, is in both of its groups. */
const SOLO = {
  allow_one_person: true,
  quorums: {
    'tier-0': {
      ...POLICY.quorums['tier-0'],
      solo: ['1 of keyholders', '1 of executives', '1 of server'],
    },
  },
};

async function after(list: readonly Step[]): Promise<Simulation> {
  // Half of them under the second rules.
  const rules = (list[0]?.pick ?? 0) % 2 === 0 ? {} : { rules: 2 };
  const { org } = await at('armed', { policy: { ...SOLO, ...rules } });
  const simulation = new Simulation(org);
  for (const step of list) await simulation.take(step);
  return simulation;
}

test('whatever people say in whatever order, the record keeps its promises, and comes to its close', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const simulation = await after(list);
      await simulation.settle();
      simulation.replays();
    }),
    { numRuns, seed },
  );
});

test('the same inputs give the same events and the same state, on any machine', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const { org } = await after(list);
      let state = EMPTY;
      for (const { stored, at: now, events } of org.history) {
        const kept: StoredInput = JSON.parse(canonicalText(plain(stored)));
        const decision = decide(state, await verifyInput(state, kept), now);
        assert.ok('events' in decision);
        assert.deepEqual(plain(stamped(decision.events, now)), plain(events));
        state = events.reduce(
          (folded, event) => evolve(folded, JSON.parse(canonicalText(plain(event)))),
          state,
        );
      }
      assert.deepEqual(state, org.state);
    }),
    { numRuns: Math.ceil(numRuns / 4), seed },
  );
});
