import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayRelease, obligations, withEmergency } from '../index.ts';
import { obey } from '../practice/obedient-people.fixture.ts';
import {
  attestation,
  declaration,
  declare,
  emergencyOf,
  minutesAfter,
  open,
  release,
  request,
  said,
  signOff,
} from '../practice/practice-emergency.fixture.ts';
import {
  ORIGIN,
  type Organisation,
  POLICY,
  policyWith,
  textOf,
} from '../practice/practice-organisation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

/** Ana holds a share of either group, so this path needs the policy's word; the rules still count her once. */
const SOLO = {
  allow_one_person: true,
  quorums: {
    'tier-0': {
      ...POLICY.quorums['tier-0'],
      solo: ['1 of keyholders', '1 of executives', '1 of server'],
    },
  },
};

async function alone(
  changes: object = {},
): Promise<{ readonly org: Organisation; readonly id: string }> {
  const { org } = await at('armed', { policy: { ...SOLO, ...changes } });
  return { org, id: await declare(org, { second: undefined, witness: undefined }) };
}

const part = (org: Organisation, id: string, by: string, role: string) =>
  org.sign(by, 'take-part', id, { role, together: 'video' });

async function opened(): Promise<{ readonly org: Organisation; readonly id: string }> {
  const { org, id } = await alone();
  await org.done(said(await org.sign('dana', 'approve', id, { method: 'app' })));
  await org.done(said(await part(org, id, 'eli', 'executive')));
  await open(org, id, { path: 'solo' });
  for (const holder of ['ana', 'eli', 'releaser'])
    await org.done(said(await release(org, id, holder)));
  return { org, id };
}

test('one person alone only where the policy has a path for it, and an executive who can sign first', async () => {
  const lone = { second: undefined, witness: undefined };
  const { org: without } = await at('armed');
  const refusal = await refuses(
    without,
    said(await declaration(without, lone)),
    'declaration.solo',
  );
  assert.deepEqual(refusal.eligible, ['ben', 'cleo', 'dirk']);
  const late = await at('armed');
  await late.org.done(await late.org.adoption(policyWith(SOLO), ['ada', 'bob']));
  await refuses(
    late.org,
    said(await declaration(late.org, lone)),
    'declaration.solo',
    'an old seal',
  );
  const { org } = await at('armed', { policy: SOLO });
  await refuses(
    org,
    said(await declaration(org, { ...lone, witness: 'eli' })),
    'declaration.witness-holds',
    'the only executive watches',
  );
  await declare(org, lone);
});

test('nothing opens before an approver and an executive; then by the solo path only', async () => {
  const { org, id } = await alone();
  const asking = async (path = 'solo') => said(await request(org, id, { path }));
  await refuses(org, asking(), 'opening.not-approved');
  await org.done(said(await org.sign('dana', 'approve', id, { method: 'app' })));
  const { eligible } = await refuses(org, asking(), 'opening.no-executive');
  assert.deepEqual(eligible, ['eli']);
  await refusesAll(org, [
    [
      'the requester, an executive too',
      part(org, id, 'ana', 'executive').then(said),
      'acknowledgement.not-named',
      ['eli'],
    ],
    ['no executive', part(org, id, 'ben', 'executive').then(said), 'acknowledgement.not-named'],
    ['the approver', part(org, id, 'dana', 'executive').then(said), 'acknowledgement.not-named'],
    [
      'a second person, of whom there is none',
      part(org, id, 'ben', 'second').then(said),
      'acknowledgement.not-named',
      [],
    ],
  ]);
  await org.done(said(await part(org, id, 'eli', 'executive')));
  await refuses(org, part(org, id, 'eli', 'executive').then(said), 'acknowledgement.again');
  await refuses(org, asking('standard'), 'opening.solo-path');
  await org.done(await asking());
  await org.done(said(await release(org, id, 'ana')));
  await refuses(org, said(await release(org, id, 'releaser')), 'release.people-first');
  await org.done(said(await release(org, id, 'eli')));
  assert.ok((await org.done(said(await release(org, id, 'releaser')))).includes('QuorumReached'));
});

test('who signs as executive decides on nothing, and who approved does not sign as executive', async () => {
  const policy = { ...SOLO, approvers: { 'tier-0': ['dana', 'eli'], deputies: ['dora'] } };
  const { org, id } = await alone(policy);
  const other = org.fork();
  await org.done(said(await part(org, id, 'eli', 'executive')));
  await refuses(
    org,
    said(await org.sign('eli', 'approve', id, { method: 'app' })),
    'authorisation.not-approver',
  );
  await other.done(said(await other.sign('eli', 'approve', id, { method: 'app' })));
  await refuses(other, part(other, id, 'eli', 'executive').then(said), 'acknowledgement.not-named');
});

test('silence and solo never go together', async () => {
  const { org, id } = await alone();
  org.wait(16);
  const attempts = ['dana', 'dirk', 'dora'].flatMap((person) =>
    ['phone', 'message', 'email'].map((channel) => ({ person, channel, at: org.now })),
  );
  const tried = (by: string) =>
    org.sign(by, 'exception', id, { attempts, reason: textOf('silence') });
  await refuses(org, said(await tried('ana')), 'exception.solo');
  await org.done(said(await part(org, id, 'eli', 'executive')));
  await refuses(org, said([await tried('ana'), await tried('eli')]), 'exception.solo');
});

test('without a second person the executive co-signs what an approver said elsewhere', async () => {
  const { org, id } = await alone();
  const heard = async (signers: readonly string[]) =>
    said(
      await Promise.all(
        signers.map((by) =>
          org.sign(by, 'approve', id, { method: 'phone', approver: 'dana', given: org.now }),
        ),
      ),
    );
  const { eligible } = await refuses(org, heard(['ana']), 'authorisation.co-signature');
  assert.deepEqual(eligible, ['eli'], 'an executive takes part first');
  await org.done(said(await part(org, id, 'eli', 'executive')));
  await org.done(await heard(['ana', 'eli']));
});

test('a holder’s device asks again for the executive', async () => {
  const { org, id } = await alone();
  await org.done(said(await org.sign('dana', 'approve', id, { method: 'app' })));
  await org.done(said(await part(org, id, 'eli', 'executive')));
  const asked = await open(org, id, { path: 'solo' });
  const answer = (changes: object) => {
    const changed = { ...emergencyOf(org, id), ...changes };
    const state = {
      ...org.state,
      emergencies: withEmergency(org.state.emergencies, changed),
    };
    const pins = { organisation: 'contoso', origin: ORIGIN, holder: 'ana' };
    const judged = mayRelease({ state, emergency: id, request: asked }, pins, org.now);
    return 'refusal' in judged ? judged.refusal.rule : 'yes';
  };
  const approval = { by: 'ana', method: 'silence exception', at: org.now };
  assert.equal(answer({}), 'yes');
  assert.equal(answer({ parts: {} }), 'release.no-executive');
  assert.equal(answer({ approval }), 'release.silent-solo');
});

test('requester and executive sign the record; the executive signs off in writing, within the hour', async () => {
  const { org, id } = await opened();
  await refuses(org, signOff(org, id, 'eli'), 'sign-off.not-ended');
  await org.done(said(await org.sign('ana', 'end', id, { loggedOut: org.now })));
  const due = obligations(org.state, org.now).filter(({ about }) => about === id);
  const sign = due.find(({ what }) => what === 'sign-off');
  assert.deepEqual([sign?.owners, sign?.due], [['eli'], minutesAfter(org.now, 60)]);
  assert.deepEqual(due.find(({ what }) => what === 'sign-record')?.owners, ['ana', 'eli']);
  await refusesAll(org, [
    ['the requester', signOff(org, id, 'ana'), 'sign-off.executive', ['eli']],
    [
      'another emergency’s',
      signOff(org, id, 'eli', { emergency: textOf('?') }),
      'sign-off.document',
    ],
    ['without a word', signOff(org, id, 'eli', {}, { text: undefined }), 'sign-off.document'],
    ['other words', signOff(org, id, 'eli', {}, { digest: textOf('?') }), 'sign-off.document'],
    ['a drill’s', signOff(org, id, 'eli', {}, { purpose: 'drill' }), 'emergency.purpose'],
    ['the record by the approver', attestation(org, id, 'record', 'dana'), 'record.signer'],
  ]);
  await org.done(await signOff(org, id, 'eli', { agreed: false }));
  assert.equal(emergencyOf(org, id).signedOff?.agreed, false);
  await refuses(org, signOff(org, id, 'eli'), 'sign-off.again');
  const dual = await at('ended');
  await refuses(dual.org, signOff(dual.org, dual.id, 'eli'), 'sign-off.not-solo');
});

test('people who do what is due bring a solo emergency to its close, from every step', async () => {
  for (const from of ['declared', 'opened'] as const) {
    const { org, id } = from === 'declared' ? await alone() : await opened();
    for (let turn = 0; emergencyOf(org, id).closed === undefined; turn += 1) {
      assert.ok(turn < 80, `no way on from ${from}`);
      if (await obey(org)) continue;
      org.wait(21);
      await org.tick();
    }
    assert.equal(emergencyOf(org, id).signedOff?.by, 'eli', from);
  }
});
