import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '@halligan/format';
import { subjectOf } from '@halligan/statement';
import { dueEffects, obligations, type StoredInput } from '../index.ts';
import { declaration } from '../practice/practice-emergency.fixture.ts';
import {
  ACCOUNT,
  type Organisation,
  plain,
  SPARE,
  SYSTEM,
  textOf,
} from '../practice/practice-organisation.fixture.ts';
import { failedRotation, kitted, rotate, sealed } from '../practice/practice-rotation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

async function suspicion(
  org: Organisation,
  by: string,
  changes: object = {},
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const document = plain({
    v: 'halligan/suspicion/v1',
    do: 'suspect',
    account: ACCOUNT,
    why: 'login-fails',
    ...changes,
  });
  const signed = await org.sign(by, 'attest', subjectOf('account', ACCOUNT), {
    what: 'suspicion',
    digest: digestOf(document),
    ...fields,
  });
  return { type: 'statements', signed: [signed], document };
}

function cleared(org: Organisation, by: string): Promise<StoredInput> {
  return suspicion(org, by, { do: 'clear', why: undefined });
}

test('one person’s word makes an account suspect: it is rotated, and its sibling is used', async () => {
  const { org } = await at('armed');
  assert.deepEqual(await org.done(await suspicion(org, 'ana', {}, { text: textOf('why') })), [
    'AccountSuspected',
  ]);
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'suspect');
  assert.ok(dueEffects(org.state).some((one) => one.do === 'rotate' && one.account === ACCOUNT));
  assert.ok(obligations(org.state, org.now).some(({ id }) => id === `rotate:${ACCOUNT}`));
  const declared = await declaration(org);
  await refuses(org, { type: 'statements', signed: [declared] }, 'declaration.unarmed');
  org.wait(1);
  assert.deepEqual(await rotate(org, ACCOUNT), [
    'CredentialProven',
    'VersionRetired',
    'AccountArmed',
  ]);
  assert.equal(org.state.accounts[ACCOUNT]?.suspected, undefined);
  assert.ok(!dueEffects(org.state).some((one) => one.do === 'rotate'));
});

test('who may not suspect, and of what', async () => {
  const { org } = await at('armed');
  await refusesAll(org, [
    ['nobody in particular', suspicion(org, 'ivan'), 'suspicion.person'],
    ['another account', suspicion(org, 'ana', { account: SPARE }), 'suspicion.document'],
    ['no reason', suspicion(org, 'ana', { why: 'tampered' }), 'suspicion.document'],
    ['in a drill', suspicion(org, 'ana', {}, { purpose: 'drill' }), 'input.purpose'],
    ['nothing to clear', cleared(org, 'raj'), 'suspicion.none'],
  ]);
  await org.done(await suspicion(org, 'mei'));
  await refuses(org, suspicion(org, 'ana'), 'suspicion.again');
  const { org: used } = await at('opened');
  await refuses(used, suspicion(used, 'cleo'), 'suspicion.in-use');
});

test('where people rotate, somebody else may clear it; nobody clears their own', async () => {
  const { org } = await at('armed');
  const driver = {
    ...{ v: 'halligan/inventory/v1', add: 'driver', id: SYSTEM, by_hand: true },
    ...{ config: textOf('by hand'), previous: null },
  };
  await org.done(await org.entry('ada', driver));
  await org.done(await suspicion(org, 'raj', { why: 'unexplained-use' }));
  assert.ok(!dueEffects(org.state).some((one) => one.do === 'rotate'));
  await refuses(org, cleared(org, 'raj'), 'suspicion.clear', 'by who suspected');
  const { org: other } = await at('armed');
  await other.done(await suspicion(other, 'ana'));
  await refuses(other, cleared(other, 'ben'), 'suspicion.clear', 'by a custodian');
  assert.deepEqual(await other.done(await cleared(other, 'raj')), [
    'AccountCleared',
    'AccountArmed',
  ]);
  await other.done(await suspicion(other, 'ana'));
  await other.done(sealed(other, ACCOUNT, 2));
  await refuses(other, cleared(other, 'raj'), 'suspicion.rotating');
  await other.done(kitted(ACCOUNT, 2));
  await other.done(failedRotation(ACCOUNT, 2));
  await refuses(other, cleared(other, 'raj'), 'suspicion.none', 'exposed meanwhile');
});
