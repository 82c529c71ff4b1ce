import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neededSoon } from './index.ts';
import { declare, emergencyOf } from './practice/practice-emergency.fixture.ts';
import { ACCOUNT } from './practice/practice-organisation.fixture.ts';
import { at, STAGES, type Stage } from './practice/practice-stages.fixture.ts';

/** What each stage will ask for next: of the account alone, or of the emergency too. */
const SOON: Readonly<Record<Stage, readonly string[]>> = {
  armed: [],
  declared: ['releaser: emergency'],
  approved: ['releaser: emergency'],
  joined: ['releaser: emergency'],
  requested: ['releaser: emergency'],
  touched: ['releaser: emergency', 'rotator: account'],
  opened: ['releaser: emergency', 'rotator: account'],
  ended: ['releaser: emergency', 'rotator: account'],
  signed: ['releaser: emergency', 'rotator: account'],
  submitted: ['releaser: emergency', 'rotator: account'],
  reset: ['releaser: emergency', 'rotator: emergency'],
  reviewed: ['releaser: emergency', 'rotator: emergency'],
  exercising: ['releaser: emergency', 'rotator: emergency'],
  exercised: [],
  closed: [],
};

for (const stage of STAGES)
  test(`programs needed soon: ${stage}`, async () => {
    const { org, id } = await at(stage);
    const soon = [...neededSoon(org.state)].map(([program, about]) => {
      assert.equal(about.account, ACCOUNT);
      if (about.emergency !== undefined) assert.equal(about.emergency, id);
      return `${program}: ${about.emergency === undefined ? 'account' : 'emergency'}`;
    });
    assert.deepEqual(soon, SOON[stage]);
  });

test('no program for a tabletop, nor where people rotate', async () => {
  const { org } = await at('armed');
  const scenario = { notice: 'scheduled', form: 'tabletop', sabotage: [] };
  await declare(org, { purpose: 'drill', scenario });
  assert.equal(neededSoon(org.state).size, 0);
  const { org: other, id } = await at('touched');
  const { system } = emergencyOf(other, id);
  assert.equal(neededSoon({ ...other.state, byHand: { [system]: true } }).size, 0);
});
