import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalText, digestOf } from '@halligan/format';
import { emergencyById, isSignedByBoth, recordOf, type State } from '../index.ts';
import {
  attestation,
  emergencyOf,
  open,
  release,
  said,
} from '../practice/practice-emergency.fixture.ts';
import { plain, textOf } from '../practice/practice-organisation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

test('both people sign the same record, then one submits it', async () => {
  const { org, id } = await at('ended');
  assert.deepEqual(await org.done(await attestation(org, id, 'record', 'ben')), ['RecordSigned']);
  assert.equal(isSignedByBoth(emergencyOf(org, id)), false);
  await refuses(org, attestation(org, id, 'submission', 'ana'), 'record.unsigned');
  await org.done(await attestation(org, id, 'record', 'ana'));
  assert.equal(isSignedByBoth(emergencyOf(org, id)), true);
  const text = textOf('INC-1, comment 3');
  assert.deepEqual(await org.done(await attestation(org, id, 'submission', 'ben', { text })), [
    'RecordSubmitted',
  ]);
  assert.deepEqual(emergencyOf(org, id).submitted, { at: org.now, by: 'ben', reference: text });
  await refuses(org, attestation(org, id, 'submission', 'ana'), 'record.again');
});

test('who may not sign or submit, and what', async () => {
  const { org, id } = await at('ended');
  const first = await attestation(org, id, 'record', 'ana');
  await org.done(first);
  await refusesAll(org, [
    ['the same person twice', attestation(org, id, 'record', 'ana'), 'record.again'],
    ['replayed', first, 'record.again'],
    ['the witness', attestation(org, id, 'record', 'wanda'), 'record.signer', ['ana', 'ben']],
    ['the approver', attestation(org, id, 'record', 'dana'), 'record.signer'],
    [
      'another record',
      attestation(org, id, 'record', 'ben', { digest: textOf('?') }),
      'record.differs',
    ],
    ['a drill’s', attestation(org, id, 'record', 'ben', { purpose: 'drill' }), 'emergency.purpose'],
  ]);
  await org.done(await attestation(org, id, 'record', 'ben'));
  await refusesAll(org, [
    ['submitted by the witness', attestation(org, id, 'submission', 'wanda'), 'record.signer'],
    [
      'another record submitted',
      attestation(org, id, 'submission', 'ana', { digest: textOf('?') }),
      'record.differs',
    ],
  ]);
  const opened = await at('opened');
  await refuses(
    opened.org,
    attestation(opened.org, opened.id, 'record', 'ana'),
    'record.not-ended',
  );
});

test('the record after an abort is signed as well', async () => {
  const { org, id } = await at('touched');
  await org.done(said(await org.sign('ana', 'abort', id, { reason: textOf('stop') })));
  for (const by of ['ana', 'ben']) await org.done(await attestation(org, id, 'record', by));
  await org.done(await attestation(org, id, 'submission', 'ana'));
});

test('every opening by which a share left its holder is on the record', async () => {
  const { org, id } = await at('touched');
  org.wait(21);
  await org.tick();
  await open(org, id);
  org.wait(21);
  await org.tick();
  await open(org, id);
  for (const holder of ['ana', 'cleo', 'releaser'])
    await org.done(said(await release(org, id, holder)));
  const { retrieval } = JSON.parse(canonicalText(recordOf(org.state, emergencyOf(org, id))));
  assert.deepEqual(
    retrieval.map(
      ({ releases, quorumAt }: { releases: { holder: string }[]; quorumAt: string | null }) => [
        releases.map(({ holder }) => holder),
        quorumAt !== null,
      ],
    ),
    [
      [['ana'], false],
      [['ana', 'cleo', 'releaser'], true],
    ],
  );
});

test('the record is the same bytes whatever order a state’s members are in, and in every later stage', async () => {
  const { org, id } = await at('ended');
  const digest = digestOf(recordOf(org.state, emergencyOf(org, id)));
  for (const stage of ['submitted', 'reset', 'reviewed', 'exercised', 'closed'] as const) {
    const { org: later, id: same } = await at(stage);
    const state: State = JSON.parse(canonicalText(plain(later.state)));
    const emergency = emergencyById(state, same);
    assert.ok(emergency !== undefined);
    assert.equal(digestOf(recordOf(state, emergency)), digest, stage);
  }
});

test('who came first does not change the record’s bytes', async () => {
  const { org, id } = await at('approved');
  for (const [by, role] of [
    ['wanda', 'witness'],
    ['ben', 'second'],
  ] as const)
    await org.done(said(await org.sign(by, 'take-part', id, { role, together: 'video' })));
  const turned: State = JSON.parse(canonicalText(plain(org.state)));
  const [emergency, same] = [emergencyById(org.state, id), emergencyById(turned, id)];
  assert.ok(emergency !== undefined && same !== undefined);
  assert.deepEqual(recordOf(turned, same), recordOf(org.state, emergency));
});
