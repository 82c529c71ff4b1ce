import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueEffects } from '../index.ts';
import {
  declare,
  emergencyOf,
  minutesAfter,
  said,
} from '../practice/practice-emergency.fixture.ts';
import { type Organisation, textOf } from '../practice/practice-organisation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

/** What requester and second person heard: by default both sign the same. */
async function heard(
  org: Organisation,
  id: string,
  fields: Readonly<Record<string, unknown>> = {},
  signers: readonly string[] = ['ana', 'ben'],
) {
  const words = { method: 'phone', approver: 'dana', given: org.now, ...fields };
  return said(await Promise.all(signers.map((by) => org.sign(by, 'approve', id, words))));
}

test('what an approver says elsewhere counts when both who heard it sign for it', async () => {
  for (const method of ['phone', 'message', 'email', 'in-person']) {
    for (const signers of [
      ['ana', 'ben'],
      ['ben', 'ana'],
    ]) {
      const { org, id } = await at('declared');
      const conditions = textOf('only the directory');
      const given = org.now;
      org.wait(3);
      assert.deepEqual(
        await org.done(await heard(org, id, { method, given, conditions }, signers)),
        ['EmergencyApproved'],
      );
      assert.deepEqual(emergencyOf(org, id).approval, {
        by: 'dana',
        method,
        conditions,
        given,
        heardBy: ['ana', 'ben'],
        at: org.now,
      });
    }
  }
});

test('what was heard by nobody, by one, or otherwise by the other, is no approval', async () => {
  const { org, id } = await at('declared');
  org.wait(10);
  const words = { method: 'phone', approver: 'dana', given: org.now };
  const differing = async (fields: object) =>
    said([
      await org.sign('ana', 'approve', id, words),
      await org.sign('ben', 'approve', id, { ...words, ...fields }),
    ]);
  const both = ['ana', 'ben'];
  await refusesAll(org, [
    ['the requester alone', heard(org, id, {}, ['ana']), 'authorisation.co-signature', ['ben']],
    ['the second person alone', heard(org, id, {}, ['ben']), 'authorisation.co-signature', ['ana']],
    ['the requester twice', heard(org, id, {}, ['ana', 'ana']), 'authorisation.co-signature'],
    ['with the witness', heard(org, id, {}, ['ana', 'wanda']), 'authorisation.co-signature'],
    ['a crowd', heard(org, id, {}, ['ana', 'ben', 'wanda']), 'authorisation.co-signature'],
    ['two strangers', heard(org, id, {}, ['cleo', 'dirk']), 'authorisation.method', both],
    ['the approver, for themselves', heard(org, id, {}, ['dana']), 'authorisation.method', both],
    ['another method', differing({ method: 'email' }), 'authorisation.co-signature'],
    ['another approver', differing({ approver: 'dirk' }), 'authorisation.co-signature'],
    ['another time', differing({ given: minutesAfter(org.now, 1) }), 'authorisation.co-signature'],
    ['other conditions', differing({ conditions: textOf('none') }), 'authorisation.co-signature'],
    ['of a drill', differing({ purpose: 'drill' }), 'authorisation.co-signature'],
    ['of another emergency', differing({ subject: textOf('?') }), 'authorisation.co-signature'],
    ['by nobody in particular', heard(org, id, { approver: undefined }), 'authorisation.method'],
    ['at no time', heard(org, id, { given: undefined }), 'authorisation.method'],
    [
      'the requester approves',
      heard(org, id, { approver: 'ana' }),
      'authorisation.self-approval',
      ['dana', 'dirk', 'dora'],
    ],
    [
      'the second person approves',
      heard(org, id, { approver: 'ben' }),
      'authorisation.not-approver',
    ],
    ['the witness approves', heard(org, id, { approver: 'wanda' }), 'authorisation.not-approver'],
    ['an executive approves', heard(org, id, { approver: 'eli' }), 'authorisation.not-approver'],
    ['nobody known approves', heard(org, id, { approver: 'zoe' }), 'authorisation.not-approver'],
    [
      'before the declaration',
      heard(org, id, { given: minutesAfter(emergencyOf(org, id).at, -6) }),
      'authorisation.times',
    ],
    ['tomorrow', heard(org, id, { given: minutesAfter(org.now, 6) }), 'authorisation.times'],
    [
      'a device’s approval that names somebody',
      said(await org.sign('dana', 'approve', id, { method: 'app', approver: 'dana' })),
      'authorisation.method',
    ],
  ]);
});

test('who refused is not heard to approve, and what is approved is not approved again', async () => {
  const { org, id } = await at('declared');
  await org.done(said(await org.sign('dana', 'refuse', id, { reason: textOf('no') })));
  await refuses(org, heard(org, id), 'authorisation.decided');
  const approval = await heard(org, id, { approver: 'dirk' });
  const other = org.fork();
  await org.done(approval);
  await refuses(org, approval, 'authorisation.decided', 'replayed');
  await other.done(said(await other.sign('ana', 'abort', id, { reason: textOf('mistake') })));
  await declare(other);
  await refuses(other, approval, 'authorisation.over', 'borrowed from an aborted one');
});

test('a written summary goes to whoever approved elsewhere, until they have it', async () => {
  const { org, id } = await at('declared');
  await org.done(await heard(org, id));
  const due = [{ do: 'send-summary', emergency: id, person: 'dana' }];
  assert.deepEqual(dueEffects(org.state), due);
  const contact = (what: 'summary' | 'approval-request', person = 'dana') =>
    org.done({
      type: 'observation',
      observation: { saw: 'contacted', emergency: id, person, channel: 'email', at: org.now, what },
    });
  await contact('approval-request');
  await contact('summary', 'dirk');
  assert.deepEqual(dueEffects(org.state), due, 'another message, and another person');
  await contact('summary');
  assert.deepEqual(dueEffects(org.state), []);
  const app = await at('approved');
  assert.deepEqual(dueEffects(app.org.state), [], 'who signed in the app has it already');
});
