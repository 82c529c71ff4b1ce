import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueEffects, type StoredInput } from '../index.ts';
import { emergencyOf, minutesAfter } from '../practice/practice-emergency.fixture.ts';
import { type Organisation, textOf } from '../practice/practice-organisation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';

const contacted = (org: Organisation, emergency: string, fields: object = {}): StoredInput => ({
  type: 'observation',
  observation: {
    saw: 'contacted',
    emergency,
    person: 'dana',
    channel: 'email',
    at: org.now,
    what: 'approval-request',
    ...fields,
  },
});

test('what the server sent is on the record once, with its time', async () => {
  const { org, id } = await at('declared');
  assert.deepEqual(await org.done(contacted(org, id)), ['PersonContacted']);
  assert.deepEqual(await org.done(contacted(org, id)), [], 'delivered twice');
  assert.deepEqual(await org.done(contacted(org, id, { channel: 'message' })), ['PersonContacted']);
  assert.deepEqual(emergencyOf(org, id).contacts, [
    { person: 'dana', channel: 'email', what: 'approval-request', contacted: org.now },
    { person: 'dana', channel: 'message', what: 'approval-request', contacted: org.now },
  ]);
  assert.deepEqual(dueEffects(org.state), []);
});

test('what arrives for something unknown changes nothing', async () => {
  const { org, id } = await at('closed');
  const before = org.state;
  for (const emergency of [id, textOf('?')])
    assert.deepEqual(await org.done(contacted(org, emergency)), []);
  assert.equal(org.state, before);
});

test('a clock that is off moves a contact to the emergency’s edge, never out of it', async () => {
  const { org, id } = await at('declared');
  const { at: declared } = emergencyOf(org, id);
  org.wait(5);
  await org.done(contacted(org, id, { at: minutesAfter(declared, -60) }));
  await org.done(contacted(org, id, { at: minutesAfter(org.now, 60) }));
  assert.deepEqual(
    emergencyOf(org, id).contacts.map((one) => one.contacted),
    [declared, org.now],
  );
});
