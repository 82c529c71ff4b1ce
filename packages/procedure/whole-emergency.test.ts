import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueEffects, obligations, packsDue } from './index.ts';
import { emergencyOf } from './practice/practice-emergency.fixture.ts';
import { ACCOUNT } from './practice/practice-organisation.fixture.ts';
import { at, happenings } from './practice/practice-stages.fixture.ts';

test('one emergency from declaration to close, and what happens at each step', async () => {
  const { org } = await at('closed');
  const from = happenings(org).indexOf('EmergencyDeclared');
  assert.deepEqual(happenings(org).slice(from), [
    'EmergencyDeclared',
    'ApproversAsked',
    'EmergencyApproved',
    'PartTaken',
    'PartTaken',
    'OpeningRequested',
    'ShareReleased',
    'VersionTouched',
    'AccountTaken',
    'ShareReleased',
    'ShareReleased',
    'QuorumReached',
    'EmergencyEnded',
    'AccountUnarmed',
    'RecordSigned',
    'RecordSigned',
    'RecordSubmitted',
    'CredentialSealed',
    'CredentialKitted',
    'CredentialProven',
    'VersionRetired',
    'EmergencyReset',
    'ReviewSigned',
    'ReviewSigned',
    'ReviewSigned',
    'ReviewSigned',
    'ReviewSigned',
    'ReviewCompleted',
    'OpeningRequested',
    'ShareReleased',
    'ShareReleased',
    'ShareReleased',
    'QuorumReached',
    'CredentialExercised',
    'AccountArmed',
    'EmergencyClosed',
  ]);
  const account = org.state.accounts[ACCOUNT];
  assert.equal(account?.state, 'armed');
  assert.equal(account.current, 2);
  assert.equal(account.emergency, undefined);
  assert.equal(account.versions[1]?.retired, true);
  assert.equal(account.versions[2]?.touched, false);
});

test('the account’s state follows the emergency', async () => {
  const states = [];
  for (const stage of ['declared', 'requested', 'touched', 'ended', 'reset', 'exercised'] as const)
    states.push((await at(stage)).org.state.accounts[ACCOUNT]?.state);
  assert.deepEqual(states, ['armed', 'armed', 'in use', 'unarmed', 'unarmed', 'armed']);
});

test('a drill is the same procedure and says so', async () => {
  const { org, id } = await at('closed', { drill: true });
  assert.equal(emergencyOf(org, id).drill, true);
  const real = await at('closed');
  assert.deepEqual(happenings(org), happenings(real.org));
});

test('a closed emergency owes nothing but its pack, and what the review decided on', async () => {
  const { org, id } = await at('closed');
  assert.deepEqual(dueEffects(org.state), []);
  assert.deepEqual(packsDue(org.state), [{ do: 'pack', emergency: id }]);
  assert.deepEqual(packsDue(org.state, org.state), [], 'once it is made');
  assert.deepEqual(
    obligations(org.state, org.now)
      .filter(({ about }) => about === id)
      .map(({ what }) => what),
    ['action'],
  );
});
