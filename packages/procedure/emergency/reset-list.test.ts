import assert from 'node:assert/strict';
import { test } from 'node:test';
import { subjectOf } from '@halligan/statement';
import { type AccountDocument, isMadeGood, obligations, resetListOf } from '../index.ts';
import { resetPart } from '../practice/practice-aftermath.fixture.ts';
import { emergencyOf, review, said } from '../practice/practice-emergency.fixture.ts';
import { ACCOUNT, type Organisation, textOf } from '../practice/practice-organisation.fixture.ts';
import { rotate } from '../practice/practice-rotation.fixture.ts';
import { type AtStage, at, type Stage } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

const RULES = { policy: { rules: 2 } };
const SECRETS = ['totp', 'recovery-codes', 'pin', 'hardware-key'] as const;

const METHODS: Pick<AccountDocument, 'keys' | 'second_methods'> = {
  keys: [
    { serial: '12345678', presence: 'touch', pin: true, key_place: 'safe', pin_place: 'bank' },
  ],
  second_methods: [
    { method: 'totp-device', place: 'safe' },
    { method: 'backup-codes', place: 'safe', left: 10 },
  ],
};

/** As if the account had been added with all that a seal can give away. */
async function withSecrets(stage: Stage): Promise<AtStage> {
  const { org, id } = await at(stage, RULES);
  const account = org.state.accounts[ACCOUNT];
  assert.ok(account !== undefined);
  const document = { ...account.document, ...METHODS };
  org.state = {
    ...org.state,
    accounts: { ...org.state.accounts, [ACCOUNT]: { ...account, document } },
  };
  return { org, id };
}

const listOf = (org: Organisation, id: string) =>
  resetListOf(org.state, emergencyOf(org, id)).map(({ item }) => item);

test('everything that was revealed is on the list, and nothing else', async () => {
  const plain = await at('ended', RULES);
  assert.deepEqual(listOf(plain.org, plain.id), ['password', 'copies']);
  const rich = await withSecrets('ended');
  assert.deepEqual(listOf(rich.org, rich.id), ['password', ...SECRETS, 'copies']);
  const touched = await withSecrets('touched');
  assert.deepEqual(
    listOf(touched.org, touched.id),
    ['password', ...SECRETS],
    'nobody copied what nobody saw',
  );
  const first = await at('ended');
  assert.deepEqual(listOf(first.org, first.id), ['password'], 'by the first rules');
  const declared = await at('joined', RULES);
  assert.deepEqual(listOf(declared.org, declared.id), []);
});

test('each part is made good by whoever may, in its own way, once', async () => {
  const { org, id } = await withSecrets('submitted');
  const key = { item: 'hardware-key', outcome: 'returned', serial: '12345678' };
  await refusesAll(org, [
    [
      'by a stranger',
      resetPart(org, id, 'ivan', { item: 'totp', outcome: 'replaced' }),
      'reset.person',
    ],
    ['copies, by who did not see it', resetPart(org, id, 'raj'), 'reset.person', ['ana', 'ben']],
    [
      'kept as it was',
      resetPart(org, id, 'ana', { item: 'totp', outcome: 'unused' }),
      'reset.outcome',
    ],
    ['which key', resetPart(org, id, 'ana', { ...key, serial: undefined }), 'reset.serial'],
    ['an unknown part', resetPart(org, id, 'ana', { item: 'fingerprint' }), 'reset.document'],
    ['a rotation by word alone', resetPart(org, id, 'ana', { item: 'password' }), 'reset.document'],
    [
      'of another emergency',
      resetPart(org, id, 'ana', { emergency: textOf('?') }),
      'reset.document',
    ],
    ['another document', resetPart(org, id, 'ana', {}, { digest: textOf('?') }), 'reset.document'],
    ['in a drill', resetPart(org, id, 'ana', {}, { purpose: 'drill' }), 'emergency.purpose'],
    [
      'about the account',
      resetPart(org, id, 'ana', {}, { subject: subjectOf('account', ACCOUNT) }),
      'rotation.result',
    ],
  ]);
  for (const part of [
    { item: 'totp', outcome: 'replaced', how: textOf('enrolled again') },
    { item: 'recovery-codes', outcome: 'unused' },
    { item: 'pin', outcome: 'replaced' },
    key,
    { item: 'copies', outcome: 'destroyed', how: textOf('cross-cut') },
  ])
    assert.deepEqual(await org.done(await resetPart(org, id, 'ben', part)), ['ResetPartAttested']);
  await refuses(org, resetPart(org, id, 'ana', key), 'reset.again');
  assert.equal(isMadeGood(org.state, emergencyOf(org, id)), false, 'the version is not rotated');
  await rotate(org, ACCOUNT);
  assert.equal(isMadeGood(org.state, emergencyOf(org, id)), true);
  assert.equal(emergencyOf(org, id).resetParts?.['hardware-key']?.serial, '12345678');
});

test('why something could not be reset is on the record, and it stays due', async () => {
  const { org, id } = await withSecrets('submitted');
  const failed = {
    item: 'totp',
    outcome: 'failed',
    reason: 'identity-team',
    next: textOf('they call back'),
  };
  assert.deepEqual(await org.done(await resetPart(org, id, 'mei', failed)), ['ResetFailed']);
  assert.equal(emergencyOf(org, id).resetFailures?.length, 1);
  await refuses(
    org,
    resetPart(org, id, 'mei', { ...failed, reason: 'laziness' }),
    'reset.document',
  );
  assert.ok(
    obligations(org.state, org.now).some(({ id: one }) => one === `reset-totp:${id}`),
    'it stays due',
  );
});

test('nothing is attested before the end, nor of what was not revealed', async () => {
  const opened = await at('opened', RULES);
  await refuses(opened.org, resetPart(opened.org, opened.id, 'ana'), 'reset.not-over');
  const ended = await at('ended', RULES);
  await refuses(
    ended.org,
    resetPart(ended.org, ended.id, 'ana', { item: 'totp', outcome: 'replaced' }),
    'reset.item',
  );
});

test('a review waits until all of it is made good', async () => {
  const { org, id } = await at('submitted', RULES);
  await rotate(org, ACCOUNT);
  await refuses(org, review(org, id, 'ana'), 'review.document', 'the first form');
  const touched = await at('touched', RULES);
  await touched.org.done(
    said(await touched.org.sign('ana', 'abort', touched.id, { reason: textOf('enough') })),
  );
  assert.deepEqual(listOf(touched.org, touched.id), ['password'], 'aborted, it stays due');
});
