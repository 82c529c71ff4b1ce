import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '@halligan/format';
import { dueEffects, findings, isReset, isRotatedByPeople, obligations } from '../index.ts';
import {
  exercisedByHand,
  givenUpByHand,
  sealedByHand,
  setByHand,
  signedByHand,
} from '../practice/practice-by-hand.fixture.ts';
import { emergencyOf, said } from '../practice/practice-emergency.fixture.ts';
import {
  ACCOUNT,
  found,
  plain,
  SPARE,
  SYSTEM,
  textOf,
} from '../practice/practice-organisation.fixture.ts';
import {
  failedRotation,
  kitted,
  reset,
  rotate,
  sealed,
  sealOf,
} from '../practice/practice-rotation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

test('sealed on a person’s device, kitted, attested by two: armed, and known to one person', async () => {
  const org = await found();
  assert.deepEqual(await org.done(await sealedByHand(org, 'ana', 1)), ['CredentialSealed']);
  const { accounts } = org.state;
  assert.deepEqual(accounts[ACCOUNT]?.versions[1]?.byHand, { by: 'ana', second: 'ben' });
  const due = () =>
    dueEffects(org.state).filter((one) => 'account' in one && one.account === ACCOUNT);
  assert.deepEqual(due(), [{ do: 'kit', account: ACCOUNT, version: 1 }]);
  await org.done(kitted(ACCOUNT, 1));
  assert.deepEqual(due(), [], 'no rotator takes it out of their hands');
  assert.deepEqual(await org.done(await setByHand(org, ['ana', 'ben'], 1)), [
    'CredentialProven',
    'AccountArmed',
  ]);
  const proven = org.state.accounts[ACCOUNT]?.versions[1]?.proven;
  assert.deepEqual([proven?.by, proven?.old], [['ana', 'ben'], 'none']);
  const finding = findings(org.state, org.now).find(({ id }) => id === `known-to:${ACCOUNT}`);
  assert.match(finding?.what ?? '', /^ana alone knows what opens “root-1”/);
  await rotate(org, ACCOUNT);
  const after = findings(org.state, org.now).map(({ id }) => id);
  assert.ok(!after.includes(`known-to:${ACCOUNT}`), 'a rotator’s version is known to nobody');
});

test('who may not seal by hand, and what is no seal', async () => {
  const { org } = await at('armed');
  await refusesAll(org, [
    ['a stranger to the account', sealedByHand(org, 'wanda', 2), 'by-hand.person'],
    ['alone', sealedByHand(org, 'ana', 2, { second: 'ana' }), 'by-hand.second'],
    [
      'with somebody who keeps nothing',
      sealedByHand(org, 'ana', 2, { second: 'wanda' }),
      'by-hand.second',
    ],
    ['with nobody', sealedByHand(org, 'ana', 2, { second: 'nobody' }), 'by-hand.second'],
    ['a gap', sealedByHand(org, 'ana', 3), 'rotation.version'],
    ['another account', sealedByHand(org, 'ana', 2, { account: SPARE }), 'by-hand.document'],
    [
      'a seal of another account',
      sealedByHand(org, 'ana', 2, {
        header: sealOf(org, SPARE, 2),
        seal: digestOf(plain(sealOf(org, SPARE, 2))),
      }),
      'rotation.seal',
    ],
    [
      'a digest of something else',
      sealedByHand(org, 'ana', 2, { seal: textOf('?') }),
      'rotation.seal',
    ],
    ['no document', sealedByHand(org, 'ana', 2, { more: 1 }), 'by-hand.document'],
  ]);
});

test('hostile: one signs twice, a stranger, the other account, before the kit, after another version', async () => {
  const { org } = await at('armed');
  await org.done(await sealedByHand(org, 'ana', 2));
  await refuses(org, setByHand(org, ['ana', 'ben'], 2), 'rotation.not-kitted', 'before the kit');
  await refuses(org, sealed(org, ACCOUNT, 3), 'rotation.under-way', 'the rotator in between');
  await org.done(kitted(ACCOUNT, 2));
  const other = plain({ seal: 'x' });
  await refusesAll(org, [
    ['one alone', setByHand(org, ['ana'], 2), 'by-hand.two-people'],
    ['one twice', setByHand(org, ['ana', 'ana'], 2), 'by-hand.two-people'],
    ['with another than was named', setByHand(org, ['ana', 'mei'], 2), 'by-hand.two-people'],
    ['without who set it', setByHand(org, ['ben', 'mei'], 2), 'by-hand.two-people'],
    ['three', setByHand(org, ['ana', 'ben', 'mei'], 2), 'by-hand.two-people'],
    ['another seal', setByHand(org, ['ana', 'ben'], 2, { seal: textOf('?') }), 'rotation.version'],
    ['the version before', setByHand(org, ['ana', 'ben'], 1), 'rotation.version'],
    ['another account', setByHand(org, ['ana', 'ben'], 2, { account: SPARE }), 'by-hand.document'],
    ['not accepted', setByHand(org, ['ana', 'ben'], 2, { fresh: 'rejected' }), 'by-hand.document'],
    ['the rotator', reset(org, ACCOUNT, 2), 'rotation.by-hand'],
    [
      'signatures over something else',
      signedByHand(
        org,
        ['ana', 'ben'],
        {
          v: 'halligan/rotation-by-hand/v1',
          account: ACCOUNT,
          version: 2,
          seal: textOf('?'),
          fresh: 'accepted',
          old: 'none',
        },
        { digest: digestOf(other) },
      ),
      'by-hand.document',
    ],
  ]);
  assert.deepEqual(await org.done(await setByHand(org, ['ben', 'ana'], 2)), [
    'CredentialProven',
    'VersionRetired',
    'AccountArmed',
  ]);
  await refuses(org, setByHand(org, ['ana', 'ben'], 2), 'rotation.version', 'attested twice');
});

test('given up after the kit, the account is exposed, and the next try goes on', async () => {
  const { org } = await at('armed');
  await org.done(await sealedByHand(org, 'ana', 2));
  await org.done(kitted(ACCOUNT, 2));
  await refuses(org, givenUpByHand(org, 'wanda', 2), 'by-hand.person', 'by a stranger');
  assert.deepEqual(await org.done(await givenUpByHand(org, 'mei', 2)), [
    'RotationFailed',
    'AccountExposed',
  ]);
  await refuses(
    org,
    setByHand(org, ['ana', 'ben'], 2),
    'rotation.version',
    'after it was given up',
  );
  await org.done(await sealedByHand(org, 'mei', 3));
  await org.done(kitted(ACCOUNT, 3));
  await org.done(await setByHand(org, ['mei', 'ben'], 3, { old: 'rejected' }));
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'armed');
});

test('an old credential that still lives leaves the account exposed', async () => {
  const { org } = await at('armed');
  await org.done(await sealedByHand(org, 'ana', 2));
  await org.done(kitted(ACCOUNT, 2));
  assert.deepEqual(await org.done(await setByHand(org, ['ana', 'ben'], 2, { old: 'accepted' })), [
    'CredentialProven',
    'AccountExposed',
  ]);
});

test('an emergency is made good by hand: reset and exercise are the word of two people', async () => {
  const { org, id } = await at('ended');
  const driver = {
    ...{ v: 'halligan/inventory/v1', add: 'driver', id: SYSTEM, by_hand: true },
    ...{ config: textOf('by hand'), previous: null },
  };
  await org.done(await org.entry('ada', driver));
  assert.ok(!dueEffects(org.state).some((one) => one.do === 'rotate'));
  await org.done(await sealedByHand(org, 'mei', 2));
  await org.done(kitted(ACCOUNT, 2));
  assert.deepEqual(await org.done(await setByHand(org, ['mei', 'ben'], 2)), [
    'CredentialProven',
    'VersionRetired',
    'EmergencyReset',
  ]);
  assert.ok(isReset(org.state, emergencyOf(org, id)));
  const exercise = (people: readonly string[], changes = {}) =>
    exercisedByHand(org, id, people, changes);
  await refusesAll(org, [
    ['alone', exercise(['mei']), 'exercise.result'],
    ['one twice', exercise(['mei', 'mei']), 'exercise.two-people'],
    ['without who set it', exercise(['ana', 'ben']), 'exercise.two-people'],
    ['with somebody who keeps nothing', exercise(['mei', 'wanda']), 'exercise.two-people'],
    ['the version before', exercise(['mei', 'ben'], { version: 1 }), 'exercise.by-hand'],
    ['another account', exercise(['mei', 'ben'], { account: SPARE }), 'exercise.result'],
  ]);
  assert.deepEqual(await org.done(await exercise(['ben', 'mei'])), ['CredentialExercised']);
  assert.deepEqual(emergencyOf(org, id).exercised?.by, ['mei', 'ben']);
});

test('where the rotator has left, people rotate by hand, and what it left half done is given up first', async () => {
  const { org, id } = await at('ended');
  await org.done(sealed(org, ACCOUNT, 2));
  await org.done(kitted(ACCOUNT, 2));
  await org.done(await org.rosterChange({ do: 'remove', person: 'rotator' }, ['ada', 'bob']));
  assert.ok(isRotatedByPeople(org.state, SYSTEM));
  const rotations = () =>
    dueEffects(org.state, org.now).filter(({ do: what }) => what === 'rotate');
  await refuses(org, sealedByHand(org, 'mei', 3), 'rotation.under-way', 'beside the half done one');
  assert.deepEqual(rotations(), [{ do: 'rotate', account: ACCOUNT }], 'to be given up');
  await org.done(failedRotation(ACCOUNT, 2));
  assert.deepEqual(rotations(), [], 'the record would refuse the word of who is not on the roster');
  await org.done(await sealedByHand(org, 'mei', 3));
  await org.done(kitted(ACCOUNT, 3));
  await org.done(await setByHand(org, ['mei', 'ben'], 3));
  await org.done(await exercisedByHand(org, id, ['mei', 'ben']));
  assert.equal(org.state.accounts[ACCOUNT]?.current, 3);
});

test('a system that people rotate from now on: what a program left half done does not stand in their way', async () => {
  const { org } = await at('armed');
  await org.done(sealed(org, ACCOUNT, 2));
  const driver = {
    ...{ v: 'halligan/inventory/v1', add: 'driver', id: SYSTEM, by_hand: true },
    ...{ config: textOf('by hand'), previous: null },
  };
  await org.done(await org.entry('ada', driver));
  assert.deepEqual(dueEffects(org.state), [{ do: 'rotate', account: ACCOUNT }]);
  await org.done(failedRotation(ACCOUNT, 2));
  assert.deepEqual(dueEffects(org.state), []);
});

test('by the first rules the close arms nothing that was exercised by hand: a rotation is due, and arms it', async () => {
  const { org, id } = await at('reviewed');
  const rotated = async (version: number) => {
    await org.done(await sealedByHand(org, 'mei', version));
    await org.done(kitted(ACCOUNT, version));
    return org.done(await setByHand(org, ['mei', 'ben'], version));
  };
  assert.equal(emergencyOf(org, id).rules, 1);
  await rotated(3);
  await org.done(await exercisedByHand(org, id, ['mei', 'ben']));
  await org.done(said(await org.sign('raj', 'close', id)));
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'unarmed');
  const due = () => obligations(org.state, org.now).find((one) => one.id === `rotate:${ACCOUNT}`);
  org.wait(61);
  assert.equal(due()?.late, true);
  assert.ok((await rotated(4)).includes('AccountArmed'));
  assert.equal(due()?.late, false);
});
