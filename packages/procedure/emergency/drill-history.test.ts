import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drillHistory, EMPTY, lastTested, measuresOf, withEmergency } from '../index.ts';
import { emergencyOf } from '../practice/practice-emergency.fixture.ts';
import { ACCOUNT, SPARE } from '../practice/practice-organisation.fixture.ts';
import { at, STAGES, type Stage } from '../practice/practice-stages.fixture.ts';

test('each step is measured from the record’s own times, once it happened', async () => {
  const measured = async (stage: Stage) => {
    const { org, id } = await at(stage, { drill: true });
    return measuresOf(emergencyOf(org, id));
  };
  assert.deepEqual(await measured('declared'), {
    toAlert: null,
    toAuthorise: null,
    toQuorum: null,
    toReveal: null,
    toReset: null,
    toClose: null,
  });
  const closed = await measured('closed');
  const minutesTo = (from: Stage, to: Stage) => 60 * (STAGES.indexOf(to) - STAGES.indexOf(from));
  assert.equal(closed.toAuthorise, minutesTo('declared', 'approved'));
  assert.equal(closed.toQuorum, minutesTo('declared', 'opened'));
  assert.equal(closed.toReset, minutesTo('ended', 'reset'));
  assert.equal(closed.toClose, minutesTo('declared', 'closed'));
});

test('a drill tests its account when the new version was exercised; a tabletop never does', async () => {
  const early = await at('reviewed', { drill: true });
  assert.equal(lastTested(early.org.state, ACCOUNT), undefined);
  const { org, id } = await at('closed', { drill: true });
  assert.equal(lastTested(org.state, ACCOUNT), emergencyOf(org, id).exercised?.at);
  assert.equal(lastTested(org.state, SPARE), undefined);
  assert.deepEqual(
    drillHistory(org.state).map(({ outcome, tested }) => [outcome, tested]),
    [['closed', true]],
  );
  const emergency = emergencyOf(org, id);
  const scenario = { notice: 'scheduled', form: 'tabletop', sabotage: [] } as const;
  const tabletop = {
    ...org.state,
    emergencies: withEmergency(EMPTY.emergencies, { ...emergency, scenario }),
  };
  assert.equal(lastTested(tabletop, ACCOUNT), undefined);
  assert.equal(drillHistory(tabletop)[0]?.tested, false);
  const real = await at('closed');
  assert.deepEqual(drillHistory(real.org.state), [], 'an emergency is no drill');
  assert.notEqual(lastTested(real.org.state, ACCOUNT), undefined, 'but it tests as well');
});
