import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SYMPTOMS, type Symptom, waysOn } from '../index.ts';
import { emergencyOf, minutesAfter, said } from '../practice/practice-emergency.fixture.ts';
import { ACCOUNT, POLICY, SPARE, textOf } from '../practice/practice-organisation.fixture.ts';
import { failedRotation, kitted, sealed } from '../practice/practice-rotation.fixture.ts';
import { at, type Stage } from '../practice/practice-stages.fixture.ts';

const SYMPTOM_IDS: readonly Symptom[] = [
  'approver-silent',
  'second-missing',
  'envelope-tampered',
  'vault-fails',
  'login-fails',
  'second-factor-missing',
  'which-account',
  'record-differs',
  'rotation-fails',
  'unexplained-actions',
  'quorum-lost',
];

test('every trouble has a way on, with an emergency and without', async () => {
  assert.deepEqual(Object.keys(SYMPTOMS), SYMPTOM_IDS);
  for (const stage of ['armed', 'declared', 'opened', 'ended', 'closed'] satisfies Stage[]) {
    const { org, id } = await at(stage);
    const emergency = id === '' ? undefined : emergencyOf(org, id);
    for (const symptom of SYMPTOM_IDS)
      assert.ok(
        waysOn(org.state, symptom, emergency, org.now).some(({ open }) => open),
        `${symptom} at ${stage}`,
      );
  }
});

test('silence opens the exception at its exact time, and a refusal bars it', async () => {
  const { org, id } = await at('declared');
  const exception = (now: string) =>
    waysOn(org.state, 'approver-silent', emergencyOf(org, id), now).find(
      ({ command }) => command === 'halligan emergency exception',
    );
  const declared = emergencyOf(org, id).at;
  assert.equal(exception(org.now)?.open, false);
  assert.equal(exception(org.now)?.from, minutesAfter(declared, 15));
  assert.equal(exception(minutesAfter(declared, 16))?.open, true);
  await org.done(said(await org.sign('dana', 'refuse', id, { reason: textOf('no') })));
  const barred = exception(minutesAfter(declared, 16));
  assert.deepEqual([barred?.open, barred?.from], [false, undefined]);
  assert.match(barred?.what ?? '', /dana refused/);
});

test('one person alone is a way on only where the policy has it', async () => {
  const alone = async (policy: object) => {
    const { org, id } = await at('declared', { policy });
    return waysOn(org.state, 'second-missing', emergencyOf(org, id), org.now).at(-1)?.open;
  };
  assert.equal(await alone({}), false);
  const quorums = {
    'tier-0': {
      ...POLICY.quorums['tier-0'],
      solo: ['1 of keyholders', '1 of executives', '1 of server'],
    },
  };
  assert.equal(await alone({ allow_one_person: true, quorums }), true);
});

test('another account is named where one is armed', async () => {
  const { org, id } = await at('opened');
  const ways = waysOn(org.state, 'login-fails', emergencyOf(org, id), org.now);
  assert.ok(
    ways.some(({ command }) => command === `halligan emergency declare --account ${SPARE}`),
  );
  const spare = org.state.accounts[SPARE];
  assert.ok(spare !== undefined);
  const unarmed = {
    ...org.state,
    accounts: { ...org.state.accounts, [SPARE]: { ...spare, state: 'unarmed' as const } },
  };
  const without = waysOn(unarmed, 'login-fails', emergencyOf(org, id), org.now);
  assert.ok(without.some(({ what, open }) => !open && what.startsWith('No other account')));
});

test('where a rotation failed, both versions that may open it are named', async () => {
  const { org, id } = await at('ended');
  await org.done(sealed(org, ACCOUNT, 2));
  await org.done(kitted(ACCOUNT, 2));
  await org.done(failedRotation(ACCOUNT, 2));
  const ways = waysOn(org.state, 'rotation-fails', emergencyOf(org, id), org.now);
  assert.ok(ways.some(({ what }) => what.includes('versions 1 and 2')));
});
