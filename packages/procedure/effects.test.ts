import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueEffects, packsDue, type StoredInput } from './index.ts';
import { emergencyOf, open, release, said } from './practice/practice-emergency.fixture.ts';
import {
  ACCOUNT,
  found,
  type Organisation,
  SPARE,
  textOf,
} from './practice/practice-organisation.fixture.ts';
import {
  failedRotation,
  kitted,
  reset,
  rotate,
  sealed,
} from './practice/practice-rotation.fixture.ts';
import { at, STAGES } from './practice/practice-stages.fixture.ts';
import { refuses } from './practice/refusals.fixture.ts';

const due = (org: Organisation) =>
  [...packsDue(org.state), ...dueEffects(org.state)].map(
    (effect) => `${effect.do} ${'account' in effect ? effect.account : 'it'}`,
  );

test('what the server has to do at each stage', async () => {
  const expected: Readonly<Record<string, readonly string[]>> = {
    ended: [`rotate ${ACCOUNT}`],
    signed: ['submit it', `rotate ${ACCOUNT}`],
    submitted: [`rotate ${ACCOUNT}`],
    exercising: ['exercise it'],
    closed: ['pack it'],
  };
  for (const stage of STAGES)
    assert.deepEqual(due((await at(stage)).org), expected[stage] ?? [], stage);
});

test('a new account is rotated to its first version', async () => {
  const org = await found();
  assert.deepEqual(due(org), [`rotate ${ACCOUNT}`, `rotate ${SPARE}`]);
  await rotate(org, ACCOUNT);
  assert.deepEqual(due(org), [`rotate ${SPARE}`]);
});

test('the releaser is asked only when nothing but programs’ shares is missing', async () => {
  const { org, id } = await at('requested');
  assert.deepEqual(due(org), []);
  await org.done(said(await release(org, id, 'ana')));
  assert.deepEqual(due(org), []);
  await org.done(said(await release(org, id, 'cleo')));
  assert.deepEqual(dueEffects(org.state), [
    { do: 'release', emergency: id, request: emergencyOf(org, id).openings[0]?.request },
  ]);
  const aborted = org.fork();
  await aborted.done(said(await aborted.sign('ana', 'abort', id, { reason: textOf('stop') })));
  assert.deepEqual(due(aborted), [`rotate ${ACCOUNT}`]);
  org.wait(21);
  await org.tick();
  assert.deepEqual(due(org), []);
});

test('a path without programs never asks the releaser', async () => {
  const { org, id } = await at('joined');
  await open(org, id, { path: 'offline' });
  for (const holder of ['ana', 'ben']) await org.done(said(await release(org, id, holder)));
  assert.deepEqual(due(org), []);
});

test('an interrupted rotation is taken up again, but two failures stop for people to decide', async () => {
  const { org } = await at('submitted');
  await org.done(sealed(org, ACCOUNT, 2));
  assert.deepEqual(due(org), [`rotate ${ACCOUNT}`], 'killed between sealing and the kit');
  await org.done(kitted(ACCOUNT, 2));
  assert.deepEqual(due(org), [`rotate ${ACCOUNT}`], 'killed between the kit and the proof');
  await org.done(failedRotation(ACCOUNT, 2));
  assert.deepEqual(due(org), [`rotate ${ACCOUNT}`], 'failed once');
  await org.done(sealed(org, ACCOUNT, 3));
  await org.done(failedRotation(ACCOUNT, 3));
  assert.deepEqual(due(org), [], 'failed twice');
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'exposed');
  // People look, and start it again: success counts from there.
  await rotate(org, ACCOUNT);
  assert.deepEqual(due(org), []);
  await org.done(sealed(org, ACCOUNT, 5));
  await org.done(failedRotation(ACCOUNT, 5));
  assert.deepEqual(due(org), [`rotate ${ACCOUNT}`]);
});

test('an old credential that will not die is tried twice, not for ever: accounts lock', async () => {
  const { org } = await at('submitted');
  for (const version of [2, 3]) {
    assert.deepEqual(due(org), [`rotate ${ACCOUNT}`]);
    await org.done(sealed(org, ACCOUNT, version));
    await org.done(kitted(ACCOUNT, version));
    await org.done(await reset(org, ACCOUNT, version, { old: 'accepted' }));
  }
  assert.deepEqual(due(org), []);
});

test('nothing is rotated while it is used, even what was interrupted before', async () => {
  const { org, id } = await at('joined');
  await org.done(sealed(org, ACCOUNT, 2));
  assert.deepEqual(due(org), [`rotate ${ACCOUNT}`]);
  await open(org, id);
  assert.deepEqual(due(org), []);
  await org.done(said(await release(org, id, 'ana')));
  await org.done(said(await org.sign('ana', 'end', id, { loggedOut: org.now })));
  assert.deepEqual(due(org), [`rotate ${ACCOUNT}`]);
});

test('the server’s word that a record was submitted counts once, and for the signed record only', async () => {
  const { org, id } = await at('signed');
  const record = emergencyOf(org, id).record?.digest ?? '';
  const submitted = (digest: string, emergency = id): StoredInput => ({
    type: 'observation',
    observation: { saw: 'submitted', emergency, record: digest, via: 'folder' },
  });
  await refuses(org, submitted(textOf('?')), 'record.submission', 'another record');
  await refuses(org, submitted(record, textOf('?')), 'record.submission', 'no emergency');
  const { org: early, id: ended } = await at('ended');
  await refuses(early, submitted(record, ended), 'record.submission', 'before it is signed');
  assert.deepEqual(await org.done(submitted(record)), ['RecordSubmitted']);
  assert.equal(emergencyOf(org, id).submitted?.by, 'server');
  await refuses(org, submitted(record), 'record.submission', 'twice');
});
