import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '@halligan/format';
import { subjectOf } from '@halligan/statement';
import { dueEffects, findings, isReset, type StoredInput } from '../index.ts';
import { emergencyOf } from '../practice/practice-emergency.fixture.ts';
import {
  ACCOUNT,
  found,
  type Organisation,
  plain,
  SPARE,
  SYSTEM,
  textOf,
} from '../practice/practice-organisation.fixture.ts';
import { kitted, reset, rotate, sealed, sealOf } from '../practice/practice-rotation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

/** What some people sign of a rotation by hand, all over the same document. */
async function signedBy(
  org: Organisation,
  people: readonly string[],
  document: object,
  fields: Readonly<Record<string, unknown>> = {},
  subject = subjectOf('account', ACCOUNT),
): Promise<StoredInput> {
  const json = plain(document);
  const signed = [];
  for (const by of people)
    signed.push(
      await org.sign(by, 'attest', subject, { what: 'reset', digest: digestOf(json), ...fields }),
    );
  return { type: 'statements', signed, document: json };
}

function sealing(org: Organisation, by: string, version: number, changes: object = {}) {
  const header = sealOf(org, ACCOUNT, version);
  const document = {
    v: 'halligan/sealing-by-hand/v1',
    account: ACCOUNT,
    version,
    seal: digestOf(plain(header)),
    header,
    second: 'ben',
    ...changes,
  };
  return signedBy(org, [by], document);
}

function result(
  org: Organisation,
  people: readonly string[],
  version: number,
  changes: object = {},
) {
  const seal = org.state.accounts[ACCOUNT]?.versions[version]?.digest ?? '';
  const document = { account: ACCOUNT, version, seal, fresh: 'accepted', old: 'unknown' };
  return signedBy(org, people, { v: 'halligan/rotation-by-hand/v1', ...document, ...changes });
}

function givenUp(org: Organisation, by: string, version: number) {
  const seal = org.state.accounts[ACCOUNT]?.versions[version]?.digest ?? '';
  const document = { account: ACCOUNT, version, seal };
  return signedBy(org, [by], { v: 'halligan/rotation-by-hand-failed/v1', ...document });
}

test('sealed on a person’s device, kitted, attested by two: armed, and known to one person', async () => {
  const org = await found();
  assert.deepEqual(await org.done(await sealing(org, 'ana', 1)), ['CredentialSealed']);
  const { accounts } = org.state;
  assert.deepEqual(accounts[ACCOUNT]?.versions[1]?.byHand, { by: 'ana', second: 'ben' });
  const due = () =>
    dueEffects(org.state).filter((one) => 'account' in one && one.account === ACCOUNT);
  assert.deepEqual(due(), [{ do: 'kit', account: ACCOUNT, version: 1 }]);
  await org.done(kitted(ACCOUNT, 1));
  assert.deepEqual(due(), [], 'no rotator takes it out of their hands');
  assert.deepEqual(await org.done(await result(org, ['ana', 'ben'], 1)), [
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
    ['a stranger to the account', sealing(org, 'wanda', 2), 'by-hand.person'],
    ['alone', sealing(org, 'ana', 2, { second: 'ana' }), 'by-hand.second'],
    [
      'with somebody who keeps nothing',
      sealing(org, 'ana', 2, { second: 'wanda' }),
      'by-hand.second',
    ],
    ['with nobody', sealing(org, 'ana', 2, { second: 'nobody' }), 'by-hand.second'],
    ['a gap', sealing(org, 'ana', 3), 'rotation.version'],
    ['another account', sealing(org, 'ana', 2, { account: SPARE }), 'by-hand.document'],
    [
      'a seal of another account',
      sealing(org, 'ana', 2, {
        header: sealOf(org, SPARE, 2),
        seal: digestOf(plain(sealOf(org, SPARE, 2))),
      }),
      'rotation.seal',
    ],
    ['a digest of something else', sealing(org, 'ana', 2, { seal: textOf('?') }), 'rotation.seal'],
    ['no document', sealing(org, 'ana', 2, { more: 1 }), 'by-hand.document'],
  ]);
});

test('hostile: one signs twice, a stranger, the other account, before the kit, after another version', async () => {
  const { org } = await at('armed');
  await org.done(await sealing(org, 'ana', 2));
  await refuses(org, result(org, ['ana', 'ben'], 2), 'rotation.not-kitted', 'before the kit');
  await refuses(org, sealed(org, ACCOUNT, 3), 'rotation.under-way', 'the rotator in between');
  await org.done(kitted(ACCOUNT, 2));
  const other = plain({ seal: 'x' });
  await refusesAll(org, [
    ['one alone', result(org, ['ana'], 2), 'by-hand.two-people'],
    ['one twice', result(org, ['ana', 'ana'], 2), 'by-hand.two-people'],
    ['with another than was named', result(org, ['ana', 'mei'], 2), 'by-hand.two-people'],
    ['without who set it', result(org, ['ben', 'mei'], 2), 'by-hand.two-people'],
    ['three', result(org, ['ana', 'ben', 'mei'], 2), 'by-hand.two-people'],
    ['another seal', result(org, ['ana', 'ben'], 2, { seal: textOf('?') }), 'rotation.version'],
    ['the version before', result(org, ['ana', 'ben'], 1), 'rotation.version'],
    ['another account', result(org, ['ana', 'ben'], 2, { account: SPARE }), 'by-hand.document'],
    ['not accepted', result(org, ['ana', 'ben'], 2, { fresh: 'rejected' }), 'by-hand.document'],
    ['the rotator', reset(org, ACCOUNT, 2), 'rotation.by-hand'],
    [
      'signatures over something else',
      signedBy(
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
  assert.deepEqual(await org.done(await result(org, ['ben', 'ana'], 2)), [
    'CredentialProven',
    'VersionRetired',
    'AccountArmed',
  ]);
  await refuses(org, result(org, ['ana', 'ben'], 2), 'rotation.version', 'attested twice');
});

test('given up after the kit, the account is exposed, and the next try goes on', async () => {
  const { org } = await at('armed');
  await org.done(await sealing(org, 'ana', 2));
  await org.done(kitted(ACCOUNT, 2));
  await refuses(org, givenUp(org, 'wanda', 2), 'by-hand.person', 'by a stranger');
  assert.deepEqual(await org.done(await givenUp(org, 'mei', 2)), [
    'RotationFailed',
    'AccountExposed',
  ]);
  await refuses(org, result(org, ['ana', 'ben'], 2), 'rotation.version', 'after it was given up');
  await org.done(await sealing(org, 'mei', 3));
  await org.done(kitted(ACCOUNT, 3));
  await org.done(await result(org, ['mei', 'ben'], 3, { old: 'rejected' }));
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'armed');
});

test('an old credential that still lives leaves the account exposed', async () => {
  const { org } = await at('armed');
  await org.done(await sealing(org, 'ana', 2));
  await org.done(kitted(ACCOUNT, 2));
  assert.deepEqual(await org.done(await result(org, ['ana', 'ben'], 2, { old: 'accepted' })), [
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
  await org.done(await sealing(org, 'mei', 2));
  await org.done(kitted(ACCOUNT, 2));
  assert.deepEqual(await org.done(await result(org, ['mei', 'ben'], 2)), [
    'CredentialProven',
    'VersionRetired',
    'EmergencyReset',
  ]);
  assert.ok(isReset(org.state, emergencyOf(org, id)));
  const exercise = (people: readonly string[], changes: object = {}) =>
    signedBy(
      org,
      people,
      {
        v: 'halligan/exercise-by-hand/v1',
        emergency: id,
        account: ACCOUNT,
        version: 2,
        outcome: 'accepted',
        ...changes,
      },
      { what: 'exercise', purpose: 'exercise' },
      id,
    );
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
