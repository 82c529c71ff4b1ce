import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalText } from '@halligan/format';
import { obligations, withEmergency } from './index.ts';
import {
  emergencyOf,
  exerciseRequest,
  minutesAfter,
  release,
  said,
} from './practice/practice-emergency.fixture.ts';
import {
  ACCOUNT,
  found,
  type Organisation,
  plain,
  SPARE,
  textOf,
} from './practice/practice-organisation.fixture.ts';
import { failedRotation, kitted, rotate, sealed } from './practice/practice-rotation.fixture.ts';
import { at, type Stage } from './practice/practice-stages.fixture.ts';

/** What is due in the emergency: what, from whom. */
const dueIn = (org: Organisation, id: string) =>
  obligations(org.state, org.now)
    .filter(({ about }) => about === id)
    .map(({ what, owners }) => [what, owners.join(' ')]);

test('what is due at each stage, and from whom', async () => {
  const both = 'ana ben';
  const reviewers = 'ana ben dana raj mei';
  const expected: readonly (readonly [Stage, readonly (readonly string[])[]])[] = [
    [
      'declared',
      [
        ['approve', 'dana dirk dora'],
        ['take-part', 'ben wanda'],
      ],
    ],
    ['approved', [['take-part', 'ben wanda']]],
    ['joined', [['open', 'ana']]],
    ['requested', [['release', 'ana ben cleo releaser']]],
    ['touched', [['release', 'ben cleo releaser']]],
    ['opened', [['end', 'ana']]],
    [
      'ended',
      [
        ['reset', 'raj'],
        ['sign-record', both],
        ['review', reviewers],
        ['verify', both],
      ],
    ],
    [
      'signed',
      [
        ['reset', 'raj'],
        ['submit-record', both],
        ['review', reviewers],
        ['verify', both],
      ],
    ],
    [
      'submitted',
      [
        ['reset', 'raj'],
        ['review', reviewers],
        ['verify', both],
      ],
    ],
    [
      'reset',
      [
        ['review', reviewers],
        ['verify', both],
      ],
    ],
    [
      'reviewed',
      [
        ['verify', both],
        ['action', 'mei'],
      ],
    ],
    [
      'exercised',
      [
        ['close', 'raj'],
        ['action', 'mei'],
      ],
    ],
    ['closed', [['action', 'mei']]],
  ];
  for (const [stage, list] of expected) {
    const { org, id } = await at(stage);
    assert.deepEqual(dueIn(org, id), list, stage);
  }
});

test('what the second rules ask besides, once it is over', async () => {
  const whats = async (stage: Stage) => {
    const { org, id } = await at(stage, { policy: { rules: 2 } });
    return dueIn(org, id).map(([what]) => what);
  };
  assert.deepEqual(await whats('submitted'), [
    'reset-copies',
    'reset',
    'reconcile',
    'review',
    'verify',
  ]);
  assert.deepEqual(await whats('reset'), ['reconcile', 'review', 'verify']);
  assert.deepEqual(await whats('reviewed'), ['verify', 'action']);
  assert.deepEqual(await whats('exercised'), ['close', 'action']);
  assert.deepEqual(await whats('closed'), ['action']);
});

test('due dates come from the policy’s timers, and lateness from the clock', async () => {
  const { org, id } = await at('ended', {
    policy: { timers: { reset: '10m' }, time_zone: 'Europe/London' },
  });
  const over = emergencyOf(org, id).ended?.at ?? '';
  const dates = Object.fromEntries(obligations(org.state, org.now).map((one) => [one.id, one]));
  assert.equal(dates[`reset:${id}`]?.due, minutesAfter(over, 10));
  assert.equal(dates[`sign-record:${id}`]?.due, minutesAfter(over, 120));
  assert.equal(dates[`review:${id}`]?.due, minutesAfter(over, 7 * 24 * 60));
  const lateAt = (now: string) =>
    obligations(org.state, now)
      .filter(({ late, about }) => late && about === id)
      .map(({ what }) => what);
  assert.deepEqual(lateAt(minutesAfter(over, 10)), []);
  assert.deepEqual(lateAt(minutesAfter(over, 11)), ['reset']);
  assert.deepEqual(lateAt(minutesAfter(over, 121)), ['reset', 'sign-record']);
  assert.deepEqual(lateAt(minutesAfter(over, 8 * 24 * 60)), [
    'reset',
    'sign-record',
    'review',
    'verify',
  ]);
});

test('an opening is due until its window closes, the session until its limit', async () => {
  const { org, id } = await at('requested');
  const [first] = obligations(org.state, org.now);
  assert.equal(first?.due, emergencyOf(org, id).openings[0]?.expires);
  org.wait(21);
  await org.tick();
  assert.deepEqual(dueIn(org, id), [['open', 'ana']]);
  const opened = await at('opened');
  const [session] = obligations(opened.org.state, opened.org.now);
  const quorumAt = emergencyOf(opened.org, opened.id).openings[0]?.quorumAt ?? '';
  assert.equal(session?.due, minutesAfter(quorumAt, 240));
});

test('an exercise asks its holders as well', async () => {
  const { org, id } = await at('reviewed');
  await org.done(await exerciseRequest(org, id));
  assert.deepEqual(dueIn(org, id), [
    ['release', 'ana ben cleo releaser'],
    ['verify', 'ana ben'],
    ['action', 'mei'],
  ]);
});

test('where every approver refused, the requester aborts; an untouched abort is closed', async () => {
  const { org, id } = await at('declared');
  for (const by of ['dana', 'dirk', 'dora'])
    await org.done(said(await org.sign(by, 'refuse', id, { reason: textOf('no') })));
  assert.deepEqual(dueIn(org, id)[0], ['abort', 'ana']);
  await org.done(said(await org.sign('ana', 'abort', id, { reason: textOf('refused') })));
  assert.deepEqual(dueIn(org, id), [['close', 'raj']]);
});

test('after the silence exception the approvers are told', async () => {
  const { org, id } = await at('touched');
  const emergency = emergencyOf(org, id);
  const silent = {
    ...emergency,
    approval: { by: 'ana', method: 'silence exception', at: emergency.at },
  };
  org.state = { ...org.state, emergencies: withEmergency(org.state.emergencies, silent) };
  await org.done(said(await org.sign('ana', 'end', id, { loggedOut: org.now })));
  const told = obligations(org.state, org.now).find(({ what }) => what === 'notify-approvers');
  assert.deepEqual([told?.owners, told?.due], [['ana', 'ben'], minutesAfter(org.now, 60)]);
});

test('accounts owe rotations and drills', async () => {
  const org = await found();
  const due = () => obligations(org.state, org.now).map(({ what, about }) => `${what} ${about}`);
  const ofAccounts = () => due().filter((one) => /^(rotate|drill) /.test(one));
  assert.deepEqual(ofAccounts(), [`rotate ${ACCOUNT}`, `rotate ${SPARE}`]);
  await rotate(org, ACCOUNT);
  await rotate(org, SPARE);
  assert.deepEqual(ofAccounts(), [
    `drill ${ACCOUNT}`,
    `drill ${SPARE}`,
    `rotate ${ACCOUNT}`,
    `rotate ${SPARE}`,
  ]);
  org.wait(24 * 60);
  await org.done(sealed(org, SPARE, 2));
  await org.done(kitted(SPARE, 2));
  await org.done(failedRotation(SPARE, 2));
  const [urgent] = obligations(org.state, org.now);
  assert.deepEqual(urgent, {
    id: `rotate:${SPARE}`,
    what: 'rotate',
    about: SPARE,
    owners: ['mei'],
    due: minutesAfter(org.now, 60),
    late: false,
    escalated: [],
  });
  const verified = await at('exercised');
  const drill = obligations(verified.org.state, verified.org.now).find(
    ({ id }) => id === `drill:${ACCOUNT}`,
  );
  // Ninety days after that Monday is a Sunday: due at the end of the Friday before.
  assert.equal(drill?.due, '2026-05-29T17:00:00.000Z');
});

test('obligations are the same whatever order a state’s members are in', async () => {
  const { org, id } = await at('touched');
  await org.done(said(await release(org, id, 'ben')));
  const turned = JSON.parse(canonicalText(plain(org.state)));
  assert.deepEqual(obligations(turned, org.now), obligations(org.state, org.now));
});
