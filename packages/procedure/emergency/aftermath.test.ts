import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  compareLog,
  dueEffects,
  isEscalationDue,
  type LogEntry,
  type Note,
  obligations,
  REVIEW_POINTS,
} from '../index.ts';
import {
  actionDone,
  escalation,
  fullReview,
  logCheck,
  reconciliation,
} from '../practice/practice-aftermath.fixture.ts';
import { emergencyOf, exerciseResult, said } from '../practice/practice-emergency.fixture.ts';
import { ACCOUNT, type Organisation, textOf } from '../practice/practice-organisation.fixture.ts';
import { failedRotation, kitted, rotate, sealed } from '../practice/practice-rotation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

const RULES = { policy: { rules: 2, governance: 'eli' } };
const REVIEWERS = ['ana', 'ben', 'dana', 'raj', 'mei'];

const noteAt = (minute: number, about: string): Note => ({
  by: 'ana',
  about,
  occurred: `2026-03-02T15:${String(minute).padStart(2, '0')}:00.000Z`,
  text: textOf(`${minute}`),
  statement: textOf(`note ${minute}`),
  at: '2026-03-02T15:30:00.000Z',
});
const entryAt = (number: number, minute: number): LogEntry => ({
  number,
  at: `2026-03-02T15:${String(minute).padStart(2, '0')}:30.000Z`,
  actor: 'root-1',
  action: 'something',
  outcome: '',
});

test('log and record are laid side by side, one entry to one note', () => {
  const notes = [noteAt(7, 'access'), noteAt(12, 'action'), noteAt(14, 'observation')];
  const same = compareLog([entryAt(1, 7), entryAt(2, 12)], notes, 60);
  assert.deepEqual(same.differences, []);
  assert.equal(same.matched.length, 2);
  const more = compareLog([entryAt(1, 7), entryAt(2, 12), entryAt(3, 12)], notes, 60);
  assert.deepEqual(
    more.differences.map(({ entry }) => entry),
    [3],
    'two entries beside one note are one too many',
  );
  const fewer = compareLog([entryAt(1, 7)], notes, 60);
  assert.deepEqual(
    fewer.differences.map(({ note }) => note),
    [textOf('note 12')],
    'what the system never saw; an observation it need not see',
  );
  const late = compareLog([entryAt(1, 7), entryAt(2, 20)], notes, 60);
  assert.equal(late.differences.length, 2);
  assert.equal(compareLog([entryAt(1, 7), entryAt(2, 20)], notes, 600).differences.length, 0);
});

test('what a comparison may say, and who says it', async () => {
  const { org, id } = await at('submitted', RULES);
  const difference = { entry: 3, at: org.now };
  await refusesAll(org, [
    ['by a stranger', reconciliation(org, id, 'ivan'), 'reconcile.person'],
    ['no log, no reason', reconciliation(org, id, 'raj', { log: null }), 'reconcile.document'],
    [
      'more matched than there is',
      reconciliation(org, id, 'raj', { entries: 1, matched: 2 }),
      'reconcile.record',
    ],
    [
      'a note that is not on the record',
      reconciliation(org, id, 'raj', { differences: [{ note: textOf('?'), at: org.now }] }),
      'reconcile.record',
    ],
    [
      'of both sides',
      reconciliation(org, id, 'raj', { differences: [{ ...difference, note: textOf('?') }] }),
      'reconcile.document',
    ],
    [
      'another document',
      reconciliation(org, id, 'raj', {}, { digest: textOf('?') }),
      'reconcile.document',
    ],
  ]);
  const opened = await at('opened', RULES);
  await refuses(opened.org, reconciliation(opened.org, opened.id, 'raj'), 'reconcile.not-over');
  await org.done(
    await reconciliation(org, id, 'raj', {
      log: null,
      unavailable: textOf('it keeps none'),
      entries: 0,
      matched: 0,
    }),
  );
  await org.done(await reconciliation(org, id, 'mei', { differences: [difference] }));
  assert.equal(emergencyOf(org, id).reconciled?.by, 'mei');
});

const points = (notHeld: string, finding?: string) =>
  REVIEW_POINTS.map((point) => ({
    point,
    held: point !== notHeld,
    ...(point === notHeld && finding !== undefined ? { finding } : {}),
  }));

test('a review rests on the comparison; what nobody explained is not complete', async () => {
  const { org, id } = await at('reset', RULES);
  await refuses(org, fullReview(org, id, 'ana'), 'review.log', 'no log yet');
  const open = { entry: 3, at: org.now };
  await org.done(await reconciliation(org, id, 'raj', { differences: [open] }));
  await refusesAll(org, [
    ['called complete', fullReview(org, id, 'ana'), 'review.unexplained'],
    [
      'another comparison',
      fullReview(org, id, 'ana', { reconciliation: textOf('?') }),
      'review.log',
    ],
    [
      'not held, and not said why',
      fullReview(org, id, 'ana', { points: points('completeness') }),
      'review.document',
    ],
    ['no action', fullReview(org, id, 'ana', { actions: [] }), 'review.document'],
    [
      'an action twice',
      fullReview(org, id, 'ana', {
        points: points('completeness', textOf('?')),
        actions: [1, 2].map(() => ({ what: textOf('a'), owner: 'mei', due: '2026-06-30' })),
      }),
      'review.actions',
    ],
    [
      'nobody acts',
      fullReview(org, id, 'ana', {
        points: points('completeness', textOf('?')),
        actions: [{ what: textOf('a'), owner: 'zoe', due: '2026-06-30' }],
      }),
      'review.owner',
    ],
  ]);
  const incomplete = { points: points('completeness', textOf('one entry nobody knows')) };
  for (const by of REVIEWERS) await org.done(await fullReview(org, id, by, incomplete));
  assert.ok(isEscalationDue(emergencyOf(org, id)), 'and that is escalated');
  const explained = await at('reset', RULES);
  await explained.org.done(
    await reconciliation(explained.org, explained.id, 'raj', {
      differences: [{ ...open, explanation: textOf('the nightly job') }],
    }),
  );
  for (const by of REVIEWERS)
    await explained.org.done(await fullReview(explained.org, explained.id, by));
  assert.equal(isEscalationDue(emergencyOf(explained.org, explained.id)), false);
  await refuses(
    explained.org,
    reconciliation(explained.org, explained.id, 'raj'),
    'reconcile.reviewed',
  );
});

async function violated(): Promise<{ readonly org: Organisation; readonly id: string }> {
  const { org, id } = await at('reset', RULES);
  await org.done(await reconciliation(org, id, 'raj'));
  const violations = [{ what: textOf('read mail'), suspend: ['ana'] }];
  for (const by of REVIEWERS) await org.done(await fullReview(org, id, by, { violations }));
  return { org, id };
}

test('a violation goes to the governance recipient before anything is closed', async () => {
  const { org, id } = await violated();
  const due = obligations(org.state, org.now).find(({ what }) => what === 'escalate');
  assert.deepEqual(due?.owners, ['raj']);
  await refusesAll(org, [
    ['by a stranger', escalation(org, id, 'ivan'), 'escalation.person'],
    [
      'to somebody else',
      escalation(org, id, 'raj', { to: 'ada' }),
      'escalation.recipient',
      ['eli'],
    ],
    [
      'another document',
      escalation(org, id, 'raj', {}, { digest: textOf('?') }),
      'escalation.document',
    ],
  ]);
  assert.deepEqual(await org.done(await escalation(org, id, 'dana', { suspend: ['ana'] })), [
    'ViolationEscalated',
  ]);
  await refuses(org, escalation(org, id, 'raj'), 'escalation.again');
  assert.equal(isEscalationDue(emergencyOf(org, id)), false);
  assert.deepEqual(emergencyOf(org, id).escalations?.[0]?.suspend, ['ana']);
});

test('an escalation that is late calls in the policy’s owner and the deputies', async () => {
  const { org } = await violated();
  const escalated = () =>
    obligations(org.state, org.now).find(({ what }) => what === 'escalate')?.escalated;
  assert.deepEqual(escalated(), []);
  org.wait(121);
  assert.deepEqual(escalated(), ['dora'], 'the owner, raj, owes it already');
});

test('a corrective action is due until its owner attests it, after the close as well', async () => {
  const { org, id } = await at('closed', RULES);
  const due = () => obligations(org.state, org.now).find(({ what }) => what === 'action');
  assert.deepEqual(
    [due()?.owners, due()?.due, due()?.late],
    [['mei'], '2026-06-30T23:59:59.000Z', false],
  );
  await refusesAll(org, [
    ['by another', actionDone(org, id, 'ana'), 'action.owner', ['mei']],
    ['an unknown one', actionDone(org, id, 'mei', { digest: textOf('?') }), 'action.unknown'],
  ]);
  org.wait(200 * 24 * 60);
  assert.equal(due()?.late, true);
  assert.deepEqual(await org.done(await actionDone(org, id, 'mei', { text: textOf('bought') })), [
    'ActionCompleted',
  ]);
  await refuses(
    org,
    actionDone(org, id, 'mei', { digest: textOf('a second provider') }),
    'action.again',
  );
  assert.equal(due(), undefined);
});

test('the three events are looked up in the provider’s log, and the store is as it should be', async () => {
  const early = await at('reviewed', RULES);
  await refuses(early.org, logCheck(early.org, early.id, 'raj'), 'verification.not-exercised');
  const { org, id } = await at('exercising', RULES);
  await org.done(await exerciseResult(org, id));
  await refuses(org, said(await org.sign('raj', 'close', id)), 'close.incomplete');
  const long = { at: '2026-03-01T00:00:00Z', reference: textOf('?') };
  await refusesAll(org, [
    ['by who used it', logCheck(org, id, 'ana'), 'verification.person', ['raj', 'mei']],
    ['too open', logCheck(org, id, 'raj', { access: false }), 'verification.store'],
    ['not logged', logCheck(org, id, 'raj', { audit: false }), 'verification.store'],
    ['of another day', logCheck(org, id, 'raj', { original: long }), 'verification.times'],
    ['another version', logCheck(org, id, 'raj', { version: 7 }), 'verification.not-exercised'],
    ['one left out', logCheck(org, id, 'raj', { test: undefined }), 'verification.document'],
  ]);
  const missing = { missing: textOf('kept for a day only') };
  assert.deepEqual(await org.done(await logCheck(org, id, 'mei', { change: missing })), [
    'EmergencyVerified',
  ]);
  await refuses(org, logCheck(org, id, 'raj'), 'verification.done');
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'unarmed', 'armed when all is done');
  assert.deepEqual(await org.done(said(await org.sign('raj', 'close', id))), [
    'EmergencyClosed',
    'AccountArmed',
  ]);
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'armed');
});

test('a close does not arm an account that is exposed', async () => {
  const { org, id } = await at('exercised', RULES);
  await org.done(sealed(org, ACCOUNT, 3));
  await org.done(kitted(ACCOUNT, 3));
  await org.done(failedRotation(ACCOUNT, 3));
  assert.deepEqual(await org.done(said(await org.sign('raj', 'close', id))), ['EmergencyClosed']);
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'exposed');
  assert.ok(dueEffects(org.state).some((one) => one.do === 'rotate' && one.account === ACCOUNT));
  await rotate(org, ACCOUNT);
  assert.equal(org.state.accounts[ACCOUNT]?.state, 'armed');
});
