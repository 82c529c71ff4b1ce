import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessOf, type Situation, type UserKind } from '../index.ts';

/** Offline, as the practice's table and its notes say: kind, feature, window, service, and what comes of it. */
const OFFLINE = `
sfa          off closed local   cached password
sfa          off closed remote  cached password
sfa          off open   local   cached password
sfa          off open   remote  cached password
sfa          on  closed local   cached password
sfa          on  closed remote  cached password
sfa          on  open   local   cached password
sfa          on  open   remote  cached password
pin          off closed local   local PIN
pin          off closed remote  - a PIN is for this machine’s own console
pin          off open   local   local PIN
pin          off open   remote  - a PIN is for this machine’s own console
pin          on  closed local   local PIN
pin          on  closed remote  - a PIN is for this machine’s own console
pin          on  open   local   local PIN
pin          on  open   remote  - a PIN is for this machine’s own console
mfa          off closed local   - offline sign-in is not enabled on this machine
mfa          off closed remote  - offline sign-in is not enabled on this machine
mfa          off open   local   - offline sign-in is not enabled on this machine
mfa          off open   remote  - offline sign-in is not enabled on this machine
mfa          on  closed local   - no emergency window is open
mfa          on  closed remote  - no emergency window is open
mfa          on  open   local   cached password
mfa          on  open   remote  - offline sign-in is for this machine’s own console
passwordless off closed local   - there is no password of yours that could be kept
passwordless off closed remote  - there is no password of yours that could be kept
passwordless off open   local   - there is no password of yours that could be kept
passwordless off open   remote  - there is no password of yours that could be kept
passwordless on  closed local   - there is no password of yours that could be kept
passwordless on  closed remote  - there is no password of yours that could be kept
passwordless on  open   local   - there is no password of yours that could be kept
passwordless on  open   remote  - there is no password of yours that could be kept
`;

const USERS: readonly UserKind[] = ['sfa', 'pin', 'mfa', 'passwordless'];

function every(provider: Situation['provider']): readonly Situation[] {
  return USERS.flatMap((user) =>
    (['off', 'on'] as const).flatMap((feature) =>
      (['closed', 'open'] as const).flatMap((window) =>
        (['local', 'remote'] as const).map((service) => {
          return { user, provider, feature, window, service };
        }),
      ),
    ),
  );
}

test('offline every kind of user gets in as the practice says, and nobody else', () => {
  const lines = every('offline').map((situation) => {
    const { user, feature, window, service } = situation;
    const access = accessOf(situation);
    const outcome = 'way' in access ? access.way : `- ${access.refused}`;
    return `${user.padEnd(12)} ${feature.padEnd(3)} ${window.padEnd(6)} ${service.padEnd(7)} ${outcome}`;
  });
  assert.deepEqual(lines, OFFLINE.trim().split('\n'));
});

test('online the provider decides, whatever is configured', () => {
  for (const situation of every('online'))
    assert.deepEqual(accessOf(situation), { way: 'provider' });
});
