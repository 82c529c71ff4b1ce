import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '@halligan/format';
import { subjectOf } from '@halligan/statement';
import { dueEffects, obligations } from '../index.ts';
import {
  attestation,
  declare,
  emergencyOf,
  exerciseRequest,
  exerciseResult,
  proverOf,
  release,
  request,
  review,
  said,
} from '../practice/practice-emergency.fixture.ts';
import {
  ACCOUNT,
  type Organisation,
  recipientOf,
  SPARE,
  textOf,
} from '../practice/practice-organisation.fixture.ts';
import { failedRotation, kitted, rotate, sealed } from '../practice/practice-rotation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

test('the requester or the second person exercises what was reset, to the prover only', async () => {
  for (const by of ['ana', 'ben']) {
    const { org, id } = await at('reviewed');
    assert.deepEqual(await org.done(await exerciseRequest(org, id, {}, by)), ['OpeningRequested']);
    await refuses(org, exerciseRequest(org, id), 'opening.live');
    for (const holder of ['ana', 'ben', 'releaser'])
      await org.done(said(await release(org, id, holder)));
    assert.deepEqual(
      dueEffects(org.state).map((effect) => effect.do),
      ['exercise'],
    );
    assert.deepEqual(await org.done(await exerciseResult(org, id)), [
      'CredentialExercised',
      'AccountArmed',
    ]);
    assert.equal(org.state.accounts[ACCOUNT]?.versions[2]?.touched, false);
  }
});

test('without the rotator’s word for the recipient, an exercise would be a way to read the credential', async () => {
  const { org, id } = await at('reviewed');
  const own = { recipient: recipientOf('own-key') };
  const asked = await request(org, id, { purpose: 'exercise', ...own });
  const vouch = async (
    by: string,
    document = proverOf(org, id, own),
    fields: Readonly<Record<string, unknown>> = {},
  ) =>
    said(
      [
        asked,
        await org.sign(by, 'attest', subjectOf('account', ACCOUNT), {
          purpose: 'exercise',
          what: 'prover',
          digest: digestOf(document),
          ...fields,
        }),
      ],
      document,
    );
  await refusesAll(org, [
    ['no word', said(asked), 'exercise.prover'],
    ['for another recipient', vouch('rotator', proverOf(org, id)), 'exercise.prover'],
    [
      'for another account',
      vouch('rotator', proverOf(org, id, { ...own, account: SPARE })),
      'exercise.prover',
    ],
    [
      'for another version',
      vouch('rotator', proverOf(org, id, { ...own, version: 1 })),
      'exercise.prover',
    ],
    ['an admin’s word', vouch('ada'), 'exercise.prover'],
    ['the releaser’s word', vouch('releaser'), 'exercise.prover'],
    ['about something else', vouch('rotator', undefined, { what: 'custody' }), 'exercise.prover'],
    [
      'about another account',
      vouch('rotator', undefined, { subject: subjectOf('account', SPARE) }),
      'exercise.prover',
    ],
    ['not for an exercise', vouch('rotator', undefined, { purpose: 'real' }), 'exercise.prover'],
    ['under an old roster', vouch('rotator', undefined, { roster: textOf('?') }), 'input.roster'],
    ['by a holder', exerciseRequest(org, id, {}, 'cleo'), 'opening.requester', ['ana', 'ben']],
    ['the version that was used', exerciseRequest(org, id, { version: 1 }), 'exercise.not-reset'],
    ['as an opening', exerciseRequest(org, id, { purpose: 'real' }), 'input.joint'],
  ]);
  await org.done(await vouch('rotator'));
});

test('a request to exercise counts once, though its window is open still', async () => {
  const { org, id } = await at('reviewed');
  const asked = await exerciseRequest(org, id);
  await org.done(asked);
  for (const holder of ['ana', 'ben', 'releaser'])
    await org.done(said(await release(org, id, holder)));
  await refuses(org, asked, 'opening.replayed');
});

test('what the rotator says of an exercise', async () => {
  const { org, id } = await at('exercising');
  await refusesAll(org, [
    ['by a person', exerciseResult(org, id, {}, {}, 'ana'), 'exercise.prover'],
    ['by the releaser', exerciseResult(org, id, {}, {}, 'releaser'), 'exercise.prover'],
    ['for real', exerciseResult(org, id, {}, { purpose: 'real' }), 'exercise.prover'],
    ['rejected', exerciseResult(org, id, { outcome: 'rejected' }), 'exercise.result'],
    ['another document', exerciseResult(org, id, {}, { digest: textOf('?') }), 'exercise.result'],
    ['another request', exerciseResult(org, id, { request: textOf('?') }), 'exercise.opening'],
    ['another version', exerciseResult(org, id, { version: 1 }), 'exercise.opening'],
    ['another account', exerciseResult(org, id, { account: SPARE }), 'exercise.opening'],
  ]);
  const opening = emergencyOf(org, id).openings[0]?.request;
  await refuses(
    org,
    exerciseResult(org, id, { request: opening, version: 1 }),
    'exercise.opening',
    'the real opening',
  );
  await org.done(await exerciseResult(org, id));
  await refuses(org, exerciseResult(org, id), 'exercise.done');
  await refuses(org, exerciseRequest(org, id), 'exercise.done');
});

test('a version that was replaced meanwhile is not the one that is verified', async () => {
  const { org, id } = await at('exercising');
  const result = await exerciseResult(org, id);
  await rotate(org, ACCOUNT);
  assert.deepEqual(dueEffects(org.state), []);
  await refuses(org, result, 'exercise.not-reset');
  await org.done(await exerciseRequest(org, id));
});

test('an exercise that is cut short touches its version: it is rotated and exercised again', async () => {
  const { org, id } = await at('reviewed');
  await org.done(await exerciseRequest(org, id));
  await org.done(said(await release(org, id, 'cleo')));
  org.wait(21);
  await org.tick();
  await refuses(org, exerciseRequest(org, id), 'exercise.not-reset');
  assert.deepEqual(dueEffects(org.state), [{ do: 'rotate', account: ACCOUNT }]);
  assert.ok(obligations(org.state, org.now).some(({ id: due }) => due === `reset:${id}`));
  await rotate(org, ACCOUNT);
  assert.deepEqual(dueEffects(org.state), []);
  await org.done(await exerciseRequest(org, id));
});

test('an exercise that nobody answered touches nothing', async () => {
  const { org, id } = await at('reviewed');
  await org.done(await exerciseRequest(org, id));
  org.wait(21);
  await org.tick();
  assert.deepEqual(dueEffects(org.state), []);
  await org.done(await exerciseRequest(org, id));
});

async function finish(org: Organisation, id: string): Promise<readonly string[]> {
  for (const by of ['ana', 'ben']) await org.done(await attestation(org, id, 'record', by));
  await org.done(await attestation(org, id, 'submission', 'ana'));
  await rotate(org, ACCOUNT);
  for (const by of ['ana', 'ben', 'dana', 'raj', 'mei']) await org.done(await review(org, id, by));
  await org.done(await exerciseRequest(org, id));
  for (const holder of ['ben', 'cleo', 'releaser'])
    await org.done(said(await release(org, id, holder)));
  await org.done(await exerciseResult(org, id));
  return org.done(said(await org.sign('raj', 'close', id)));
}

test('what was aborted after a share had left is reset, reviewed, exercised and closed like any other', async () => {
  const { org, id } = await at('touched');
  await org.done(said(await org.sign('ana', 'abort', id, { reason: textOf('solved') })));
  assert.deepEqual(await finish(org, id), ['EmergencyClosed']);
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'armed');
});

test('what was aborted before anything left is closed at once', async () => {
  const { org, id } = await at('requested');
  await org.done(said(await org.sign('ana', 'abort', id, { reason: textOf('solved') })));
  assert.deepEqual(dueEffects(org.state), []);
  assert.equal(org.state.accounts[ACCOUNT]?.emergency, undefined);
  await refuses(org, said(await org.sign('ana', 'close', id)), 'close.role');
  assert.deepEqual(await org.done(said(await org.sign('raj', 'close', id))), ['EmergencyClosed']);
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'armed');
});

test('nothing closes early, and who closes', async () => {
  for (const stage of [
    'declared',
    'approved',
    'opened',
    'ended',
    'signed',
    'submitted',
    'reset',
    'reviewed',
    'exercising',
  ] as const) {
    const { org, id } = await at(stage);
    await refuses(org, said(await org.sign('raj', 'close', id)), 'close.incomplete', stage);
  }
  const { org, id } = await at('exercised');
  for (const by of ['ana', 'ben', 'dana', 'ada'])
    await refuses(org, said(await org.sign(by, 'close', id)), 'close.role', by);
  await refuses(
    org,
    said(await org.sign('raj', 'close', id, { purpose: 'drill' })),
    'emergency.purpose',
  );
  const close = said(await org.sign('raj', 'close', id));
  await org.done(close);
  await refuses(org, close, 'emergency.closed');
});

test('each thing that is missing keeps an emergency open, whatever else is done', async () => {
  const verify = async (org: Organisation, id: string) => {
    await org.done(await exerciseRequest(org, id));
    for (const holder of ['ben', 'cleo', 'releaser'])
      await org.done(said(await release(org, id, holder)));
    await org.done(await exerciseResult(org, id));
  };
  const because = async (org: Organisation, id: string, why: RegExp) => {
    const decision = await org.ask(said(await org.sign('raj', 'close', id)));
    assert.ok('refusal' in decision);
    assert.match(decision.refusal.why, why);
  };
  const unreviewed = await at('reset');
  await verify(unreviewed.org, unreviewed.id);
  await because(unreviewed.org, unreviewed.id, /not been reviewed/);
  const unsigned = await at('ended');
  await rotate(unsigned.org, ACCOUNT);
  await verify(unsigned.org, unsigned.id);
  await because(unsigned.org, unsigned.id, /no submitted record/);
  const unverified = await at('reviewed');
  await because(unverified.org, unverified.id, /no verified new credential/);
  const unreset = await at('submitted');
  await because(unreset.org, unreset.id, /no reset credential/);
});

test('an account that was taken over before it was made good is made good for both', async () => {
  const { org, id } = await at('ended');
  await org.done(sealed(org, SPARE, 2));
  await org.done(kitted(SPARE, 2));
  await org.done(failedRotation(SPARE, 2));
  const other = await declare(org, { second: 'cleo' }, 'ben');
  await org.done(said(await org.sign('dana', 'approve', other, { method: 'app' })));
  await org.done(
    said(await org.sign('cleo', 'take-part', other, { role: 'second', together: 'video' })),
  );
  await org.done(said(await request(org, other, {}, 'ben')));
  for (const holder of ['ben', 'cleo', 'releaser'])
    await org.done(said(await release(org, other, holder)));
  await refuses(org, sealed(org, ACCOUNT, 2), 'rotation.in-use');
  await org.done(said(await org.sign('ben', 'end', other, { loggedOut: org.now })));
  assert.deepEqual(await rotate(org, ACCOUNT), [
    'CredentialProven',
    'VersionRetired',
    'EmergencyReset',
  ]);
  assert.equal(emergencyOf(org, other).reset?.version, 2);
  // The first one's part: its own verification of the version that is there now; the account is the other's to arm.
  const first = org.fork();
  await first.done(await exerciseRequest(first, id));
  for (const holder of ['ana', 'ben', 'releaser'])
    await first.done(said(await release(first, id, holder)));
  assert.deepEqual(await first.done(await exerciseResult(first, id)), ['CredentialExercised']);
  assert.equal(first.state.accounts[ACCOUNT]?.state, 'unarmed');
  for (const by of ['ana', 'ben']) await first.done(await attestation(first, id, 'record', by));
  await first.done(await attestation(first, id, 'submission', 'ana'));
  for (const by of ['ana', 'ben', 'dana', 'raj', 'mei'])
    await first.done(await review(first, id, by));
  await first.done(said(await first.sign('raj', 'close', id)));
  await org.done(await exerciseRequest(org, other, {}, 'ben'));
  // Found by the simulation: shares of one version are collected for one opening at a time.
  await refuses(org, exerciseRequest(org, id), 'exercise.elsewhere');
  await org.wait(21).tick();
  assert.deepEqual(await org.done(await exerciseRequest(org, id)), ['OpeningRequested']);
});
