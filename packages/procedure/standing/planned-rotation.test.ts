import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueEffects } from '../index.ts';
import { declare, said } from '../practice/practice-emergency.fixture.ts';
import {
  ACCOUNT,
  found,
  type Organisation,
  policyWith,
  SPARE,
  SYSTEM,
  textOf,
} from '../practice/practice-organisation.fixture.ts';
import { failedRotation, kitted, rotate, sealed } from '../practice/practice-rotation.fixture.ts';

const DAY = 24 * 60;
const rotations = (org: Organisation) =>
  dueEffects(org.state, org.now).flatMap((one) => (one.do === 'rotate' ? [one.account] : []));

/** Two armed accounts of a system that a rotator reaches, a day later. */
async function armed(): Promise<Organisation> {
  const org = await found();
  const driver = {
    v: 'halligan/inventory/v1',
    add: 'driver',
    id: SYSTEM,
    config: textOf('settings'),
    previous: null,
  };
  await org.done(await org.entry('ada', driver));
  for (const account of [ACCOUNT, SPARE]) await rotate(org, account);
  return org.wait(DAY);
}

const leaves = (org: Organisation) =>
  org.changeRoster({ do: 'remove', person: 'ben' }, ['ada', 'ana', 'cleo']);

test('what somebody who left holds a share of is rotated, one account after the other', async () => {
  const org = await armed();
  assert.deepEqual(rotations(org), []);
  await leaves(org);
  assert.deepEqual(rotations(org), [ACCOUNT]);
  await org.done(sealed(org, ACCOUNT, 2));
  // What is under way is gone on with, and nothing beside it.
  assert.deepEqual(rotations(org), [ACCOUNT]);
  await org.done(failedRotation(ACCOUNT, 2));
  await rotate(org, ACCOUNT);
  assert.deepEqual(rotations(org), [], 'its sibling rests first');
  org.wait(10);
  assert.deepEqual(rotations(org), [SPARE]);
  await rotate(org, SPARE);
  org.wait(10);
  assert.deepEqual(rotations(org), []);
});

test('a year goes by, a quorum changes', async () => {
  const org = await armed();
  const year = org.fork().wait(356 * DAY);
  assert.deepEqual(rotations(year), []);
  assert.deepEqual(rotations(year.wait(DAY)), [ACCOUNT]);
  const quorums = { 'tier-0': { standard: ['3 of keyholders', '1 of server'] } };
  await org.done(await org.adoption(policyWith({ quorums }), ['ada', 'bob']));
  assert.deepEqual(rotations(org), [ACCOUNT]);
});

test('nothing is planned while an emergency is under way, or where nobody would rotate', async () => {
  const org = await armed();
  const id = await declare(org);
  await leaves(org);
  assert.deepEqual(rotations(org), []);
  await org.done(said(await org.sign('ana', 'abort', id, { reason: textOf('over') })));
  assert.deepEqual(rotations(org), [ACCOUNT]);
  const { drivers: _, ...rest } = org.state;
  org.state = { ...rest, drivers: {} };
  assert.deepEqual(rotations(org), [], 'by hand');
});

test('the last armed account is not touched for a reason that can wait', async () => {
  const org = await armed();
  await org.done(sealed(org, SPARE, 2));
  await org.done(kitted(SPARE, 2));
  await org.done(failedRotation(SPARE, 2));
  await org.done(sealed(org, SPARE, 3));
  await org.done(kitted(SPARE, 3));
  await org.done(failedRotation(SPARE, 3));
  const waits = org.fork().wait(360 * DAY);
  assert.deepEqual(rotations(waits), []);
  await leaves(org);
  assert.deepEqual(rotations(org), [ACCOUNT], 'this one cannot');
});

test('without the time nothing is planned', async () => {
  const org = await armed();
  await leaves(org);
  assert.deepEqual(dueEffects(org.state), []);
});
