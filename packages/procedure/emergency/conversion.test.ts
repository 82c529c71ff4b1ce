import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTouched, liveOpening, recordOf, revealedBy } from '../index.ts';
import {
  declare,
  emergencyOf,
  minutesAfter,
  open,
  release,
  request,
  said,
} from '../practice/practice-emergency.fixture.ts';
import { ACCOUNT, type Organisation, textOf } from '../practice/practice-organisation.fixture.ts';
import { at, type Stage } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

const conversion = async (
  org: Organisation,
  id: string,
  fields: Readonly<Record<string, unknown>> = {},
  by = 'ana',
) =>
  said(
    await org.sign(by, 'convert', id, {
      purpose: 'real',
      reason: textOf('it is down indeed'),
      evidence: [textOf('the log')],
      ...fields,
    }),
  );

test('one statement makes a drill real: nothing that was decided in it counts', async () => {
  const stages: readonly Stage[] = [
    'declared',
    'approved',
    'joined',
    'requested',
    'touched',
    'opened',
  ];
  for (const stage of stages) {
    for (const by of ['ana', 'ben']) {
      const { org, id } = await at(stage, { drill: true });
      const drill = emergencyOf(org, id);
      org.wait(2);
      assert.deepEqual(
        await org.done(await conversion(org, id, {}, by)),
        ['DrillConverted', 'ApproversAsked'],
        stage,
      );
      const real = emergencyOf(org, id);
      assert.equal(real.drill, false);
      assert.equal(real.at, org.now);
      assert.deepEqual(real.asked, ['dana', 'dirk', 'dora'], 'asked at once, for real');
      assert.deepEqual([real.approval, real.parts, real.refusals], [undefined, {}, []]);
      assert.deepEqual(real.evidence, [textOf('the log')]);
      assert.deepEqual([real.requester, real.second], [drill.requester, drill.second]);
      assert.equal(real.converted?.declared, drill.at);
      assert.equal(liveOpening(real), undefined);
      assert.equal(revealedBy(real), undefined);
      assert.equal(isTouched(real), isTouched(drill), 'what left its holder stays touched');
      await refuses(org, said(await request(org, id)), 'opening.not-approved', stage);
    }
  }
});

test('a converted drill goes the whole way again, for real', async () => {
  const { org, id } = await at('opened', { drill: true });
  const signedInDrill = {
    approval: await org.sign('dana', 'approve', id, { method: 'app' }),
    real: await org.sign('dana', 'approve', id, { method: 'app', purpose: 'real' }),
    part: await org.sign('ben', 'take-part', id, { role: 'second', together: 'video' }),
    share: await release(org, id, 'cleo'),
  };
  org.wait(10);
  await org.done(await conversion(org, id));
  await refusesAll(org, [
    ['the drill’s approval', said(signedInDrill.approval), 'emergency.purpose'],
    ['one that was signed for real too early', said(signedInDrill.real), 'emergency.converted'],
    ['the drill’s part', said(signedInDrill.part), 'emergency.purpose'],
    ['a share for the drill’s opening', said(signedInDrill.share), 'emergency.purpose'],
  ]);
  await org.done(said(await org.sign('dana', 'approve', id, { method: 'app' })));
  await refuses(org, said(await request(org, id)), 'opening.no-second-person');
  await org.done(
    said(await org.sign('ben', 'take-part', id, { role: 'second', together: 'video' })),
  );
  await open(org, id);
  for (const holder of ['ana', 'ben', 'releaser'])
    await org.done(said(await release(org, id, holder)));
  assert.equal(revealedBy(emergencyOf(org, id))?.quorumAt, org.now);
  await org.done(said(await org.sign('ana', 'end', id, { loggedOut: org.now })));
  const record = JSON.stringify(recordOf(org.state, emergencyOf(org, id)));
  assert.match(record, /"converted"/);
});

test('a converted drill that is given up leaves what was touched due', async () => {
  const { org, id } = await at('touched', { drill: true });
  await org.done(await conversion(org, id));
  assert.deepEqual(
    await org.done(said(await org.sign('ben', 'abort', id, { reason: textOf('no need') }))),
    ['EmergencyAborted', 'AccountUnarmed'],
  );
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'unarmed');
});

test('who converts, what, and with what', async () => {
  const { org, id } = await at('declared', { drill: true });
  const over = await at('ended', { drill: true });
  const real = await at('declared');
  await refusesAll(org, [
    ['the witness', conversion(org, id, {}, 'wanda'), 'convert.by', ['ana', 'ben']],
    ['the approver', conversion(org, id, {}, 'dana'), 'convert.by'],
    ['signed for the drill', conversion(org, id, { purpose: 'drill' }), 'emergency.purpose'],
    ['on the drill’s evidence', conversion(org, id, { evidence: [] }), 'convert.evidence'],
    ['of no drill', conversion(org, id, { subject: textOf('?') }), 'emergency.unknown'],
  ]);
  await refuses(over.org, conversion(over.org, over.id), 'convert.over');
  await refuses(real.org, conversion(real.org, real.id), 'convert.real');
  const narrow = await at('declared', { drill: true, policy: { circumstances: ['idp-outage'] } });
  await refuses(
    narrow.org,
    conversion(narrow.org, narrow.id, { cause: 'lockout' }),
    'convert.circumstances',
  );
  const once = await conversion(org, id, { evidence: [], attestation: textOf('I saw it') });
  await org.done(once);
  await refuses(org, once, 'convert.real', 'replayed');
});

test('a drill is not converted while another emergency uses the account', async () => {
  const { org, id } = await at('declared', { drill: true });
  const other = await declare(org, { second: 'cleo', purpose: 'drill' }, 'ben');
  for (const [by, kind, fields] of [
    ['dana', 'approve', { method: 'app' }],
    ['cleo', 'take-part', { role: 'second', together: 'video' }],
  ] as const)
    await org.done(said(await org.sign(by, kind, other, fields)));
  await org.done(said(await request(org, other, { expires: minutesAfter(org.now, 9) }, 'ben')));
  await refuses(org, conversion(org, id), 'convert.in-use');
});
