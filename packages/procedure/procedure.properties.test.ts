import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalText, HalliganError } from '@halligan/format';
import fc from 'fast-check';
import {
  decide,
  EMPTY,
  evolve,
  type Input,
  isOpen,
  type State,
  type StoredInput,
  verifyInput,
} from './index.ts';
import { holdsOfState, holdsOnRecord } from './practice/invariants.fixture.ts';
import { obey } from './practice/obedient-people.fixture.ts';
import {
  type Organisation,
  POLICY,
  plain,
  stamped,
} from './practice/practice-organisation.fixture.ts';
import { at } from './practice/practice-stages.fixture.ts';
import { inputOf, type Step, steps } from './practice/random-people.fixture.ts';

/** More in a long run: HALLIGAN_PROPERTY_RUNS=5000. */
const numRuns = Number(process.env.HALLIGAN_PROPERTY_RUNS ?? 150);

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

async function after(list: readonly Step[]): Promise<Organisation> {
  // Half of them under the second rules.
  const rules = (list[0]?.pick ?? 0) % 2 === 0 ? {} : { rules: 2 };
  const { org } = await at('armed', { policy: { ...SOLO, ...rules } });
  for (const step of list) await takeStep(org.wait(step.wait), step);
  return org;
}

async function takeStep(org: Organisation, step: Step): Promise<void> {
  if (step.act === 'obey') {
    await obey(org);
    holdsOfState(org.state, org.now);
    return;
  }
  const stored = await inputOf(org, step);
  const input = stored === undefined ? undefined : await verified(org.state, stored);
  if (stored === undefined || input === undefined) return;
  const before = org.state;
  const decision = decide(before, input, org.now);
  const turned: State = JSON.parse(canonicalText(plain(before)));
  assert.deepEqual(decide(turned, input, org.now), decision, 'the order of members matters');
  if ('refusal' in decision) {
    assert.ok(!('events' in decision));
    assert.notEqual(decision.refusal.next, '');
    assert.notEqual(decision.refusal.why, '');
    return;
  }
  const events = stamped(decision.events, org.now);
  org.state = events.reduce(evolve, before);
  if (events.length > 0) org.history.push({ stored, at: org.now, events });
  assert.deepEqual(org.state, JSON.parse(JSON.stringify(org.state)), 'the state is not plain JSON');
  holdsOfState(org.state, org.now);
}

/** What does not verify never reaches the rules. */
async function verified(state: State, stored: StoredInput): Promise<Input | undefined> {
  try {
    return await verifyInput(state, stored);
  } catch (error) {
    assert.ok(error instanceof HalliganError);
    return undefined;
  }
}

test('whatever people say in whatever order, the record keeps its promises', async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const org = await after(list);
      holdsOnRecord(org);
      for (const { events } of org.history)
        for (const { type } of events) seen.set(type, (seen.get(type) ?? 0) + 1);
    }),
    { numRuns },
  );
  // A run that never got anywhere proves nothing.
  for (const type of ['QuorumReached', 'EmergencyEnded', 'EmergencyReset', 'OpeningExpired'])
    assert.ok((seen.get(type) ?? 0) > 0, `no ${type} in ${numRuns} runs`);
});

test('from wherever they left it, people who do what is due bring every emergency to its close', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const org = await after(list);
      for (let turn = 0; Object.values(org.state.emergencies).some(isOpen); turn += 1) {
        assert.ok(turn < 300, 'no way on');
        if (await obey(org)) continue;
        org.wait(21);
        await org.tick();
      }
      holdsOnRecord(org);
    }),
    { numRuns: Math.ceil(numRuns / 2) },
  );
});

test('the same inputs give the same events and the same state, on any machine', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const org = await after(list);
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
    { numRuns: Math.ceil(numRuns / 4) },
  );
});
