import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY, type Policy, parsePolicy } from '@halligan/procedure';
import type { Member, Roster } from '@halligan/statement';
import { consentToChange, consentToPolicy, lineOfConsent } from './missing-consent.ts';

const policyWith = (standard: string): Policy =>
  parsePolicy(`
organisation: contoso
owner: raj
time_zone: Europe/London
approvers: { tier-0: [dana] }
quorums: { tier-0: { standard: [${standard}] } }
timers: { loosening: 48h }
`);
const STRICT = policyWith('3 of keyholders, 1 of server');

const person = (id: string, roles: Member['roles']): Member => ({
  id,
  kind: 'person',
  roles,
  signing: [],
  recipient: 'age1…',
  recipientSignature: '',
});

const roster: Roster = {
  organisation: 'contoso',
  origin: 'halligan.contoso.example',
  logKey: '',
  evidenceKey: '',
  recipients: 'x25519',
  number: 0,
  digest: 'ab'.repeat(32),
  members: [
    person('raj', ['admin']),
    person('mia', ['admin']),
    person('ana', ['custodian']),
    person('ben', ['custodian']),
    person('cid', ['custodian']),
  ],
  groups: { keyholders: ['ana', 'ben', 'cid'] },
  former: [],
  pending: [],
};
const state = { ...EMPTY, roster, policies: { strict: STRICT }, policy: 'strict' };

test('a looser policy names the group, how many of it agreed, and who could still', () => {
  const loose = policyWith('2 of keyholders, 1 of server');
  const said = (signers: readonly string[]) =>
    consentToPolicy(state, roster, loose, signers).map(lineOfConsent);
  assert.deepEqual(said(['raj', 'mia']), [
    'holders of keyholders: 0 of 3 agreed; could: ana, ben, cid',
  ]);
  assert.deepEqual(said(['raj', 'mia', 'ben']), [
    'holders of keyholders: 1 of 3 agreed; could: ana, cid',
  ]);
  assert.deepEqual(said(['raj', 'ana', 'ben', 'cid']), []);
});

test('a change of the roster names whose consent is missing, and nobody who signed', () => {
  const said = (change: Parameters<typeof consentToChange>[2], signers: readonly string[]) =>
    consentToChange(state, roster, change, signers).map(lineOfConsent);
  const group = { do: 'group', name: 'keyholders', members: ['ana'] } as const;
  assert.deepEqual(said(group, ['raj']), [
    'holders of keyholders: 0 of 3 agreed; could: ana, ben, cid',
    'holders of keyholders or admins: 1 of 2 agreed; could: ana, ben, cid, mia',
  ]);
  assert.deepEqual(said(group, ['raj', 'ana', 'ben', 'cid']), []);
  assert.deepEqual(said({ do: 'remove', person: 'mia' }, ['raj']), [
    'admins: 1 of 2 agreed; could: mia',
  ]);
});

test('where nobody is left, it is said', () => {
  assert.equal(
    lineOfConsent({ from: 'admins', have: 1, need: 2, could: [] }),
    'admins: 1 of 2 agreed; nobody is left who could',
  );
});
