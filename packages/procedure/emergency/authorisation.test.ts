import assert from 'node:assert/strict';
import { test } from 'node:test';
import { approversOf, dueEffects, obligations } from '../index.ts';
import {
  declare,
  emergencyOf,
  minutesAfter,
  notification,
  release,
  request,
  said,
} from '../practice/practice-emergency.fixture.ts';
import { type Organisation, textOf } from '../practice/practice-organisation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

test('any listed approver or deputy approves, with conditions', async () => {
  for (const by of ['dana', 'dirk', 'dora']) {
    const { org, id } = await at('declared');
    const conditions = textOf('only the directory');
    assert.deepEqual(
      await org.done(said(await org.sign(by, 'approve', id, { method: 'app', conditions }))),
      ['EmergencyApproved'],
    );
    assert.deepEqual(emergencyOf(org, id).approval, { by, method: 'app', conditions, at: org.now });
  }
});

test('who may not approve, and how', async () => {
  const { org, id } = await at('declared');
  const approving = async (by: string, fields: Readonly<Record<string, unknown>> = {}) =>
    said(await org.sign(by, 'approve', id, { method: 'app', ...fields }));
  const eligible = ['dana', 'dirk', 'dora'];
  await refusesAll(org, [
    ['the requester', approving('ana'), 'authorisation.self-approval', eligible],
    ['the second person', approving('ben'), 'authorisation.not-approver', eligible],
    ['the witness', approving('wanda'), 'authorisation.not-approver', eligible],
    ['an executive', approving('eli'), 'authorisation.not-approver', eligible],
    ['an admin', approving('ada'), 'authorisation.not-approver', eligible],
    ['by phone', approving('dana', { method: 'phone' }), 'authorisation.method'],
    ['for a drill', approving('dana', { purpose: 'drill' }), 'emergency.purpose'],
    ['for an exercise', approving('dana', { purpose: 'exercise' }), 'emergency.purpose'],
    ['another emergency', approving('dana', { subject: textOf('another') }), 'emergency.unknown'],
    ['under an old roster', approving('dana', { roster: textOf('old') }), 'input.roster'],
    ['under an old policy', approving('dana', { policy: textOf('old') }), 'input.policy'],
    ['with no policy', approving('dana', { policy: null }), 'input.policy'],
  ]);
});

test('approvers who take part do not decide', async () => {
  const { org } = await at('armed');
  const id = await declare(org, { second: 'dirk', witness: 'dora' });
  for (const by of ['dirk', 'dora'])
    await refuses(
      org,
      said(await org.sign(by, 'approve', id, { method: 'app' })),
      'authorisation.not-approver',
    );
  await org.done(said(await org.sign('dana', 'approve', id, { method: 'app' })));
});

test('an approver who asked for it does not decide', async () => {
  const { org } = await at('armed');
  const id = await declare(org, {}, 'dirk');
  await refuses(
    org,
    said(await org.sign('dirk', 'approve', id, { method: 'app' })),
    'authorisation.self-approval',
  );
});

test('an approval counts once, and for one emergency', async () => {
  const { org, id } = await at('declared');
  const approval = await org.sign('dana', 'approve', id, { method: 'app' });
  const before = org.fork();
  await org.done(said(approval));
  await refuses(org, said(approval), 'authorisation.decided', 'replayed');
  await refuses(
    org,
    said(await org.sign('dirk', 'approve', id, { method: 'app' })),
    'authorisation.decided',
  );
  await before.done(said(await before.sign('ana', 'abort', id, { reason: textOf('mistake') })));
  const next = await declare(before);
  await refuses(before, said(approval), 'authorisation.over', 'borrowed from an aborted one');
  assert.equal(emergencyOf(before, next).approval, undefined);
});

test('a drill’s approval is none in a real emergency, nor the reverse', async () => {
  const drill = await at('declared', { drill: true });
  await refuses(
    drill.org,
    said(await drill.org.sign('dana', 'approve', drill.id, { method: 'app', purpose: 'real' })),
    'emergency.purpose',
  );
});

test('one approver’s no does not stop another’s yes, but ends their own say', async () => {
  const { org, id } = await at('declared');
  const no = await org.sign('dana', 'refuse', id, { reason: textOf('not necessary') });
  assert.deepEqual(await org.done(said(no)), ['EmergencyRefused']);
  await refuses(org, said(no), 'authorisation.decided');
  await refuses(
    org,
    said(await org.sign('dana', 'approve', id, { method: 'app' })),
    'authorisation.decided',
  );
  await refuses(
    org,
    said(await org.sign('ana', 'refuse', id, { reason: textOf('?') })),
    'authorisation.self-approval',
  );
  await org.done(said(await org.sign('dirk', 'approve', id, { method: 'app' })));
});

test('nothing is decided after the end', async () => {
  for (const stage of ['ended', 'exercised'] as const) {
    const { org, id } = await at(stage);
    await refuses(
      org,
      said(await org.sign('dirk', 'approve', id, { method: 'app' })),
      'authorisation.over',
    );
  }
  const { org, id } = await at('closed');
  await refuses(
    org,
    said(await org.sign('dirk', 'approve', id, { method: 'app' })),
    'emergency.closed',
  );
});

/** Every approver by every channel; the last one `last` minutes after the declaration. */
function attempts(org: Organisation, id: string, last: number) {
  const { at: declared } = emergencyOf(org, id);
  const policy = org.state.policies[emergencyOf(org, id).policy];
  const approvers = policy === undefined ? [] : approversOf(policy, 'tier-0');
  const tried = approvers.flatMap((person) =>
    (['phone', 'message', 'email'] as const).map((channel) => ({ person, channel, at: declared })),
  );
  return [...tried, { person: 'dana', channel: 'phone', at: minutesAfter(declared, last) }];
}

async function exception(
  org: Organisation,
  id: string,
  tried: unknown = attempts(org, id, 15),
  signers: readonly string[] = ['ana', 'ben'],
) {
  return said(
    await Promise.all(
      signers.map((by) =>
        org.sign(by, 'exception', id, { attempts: tried, reason: textOf('nobody answers') }),
      ),
    ),
  );
}

test('silence of everybody, tried by everything for the whole wait, stands for an approval', async () => {
  const { org, id } = await at('declared');
  org.wait(16);
  assert.deepEqual(await org.done(await exception(org, id)), ['EmergencyApproved']);
  assert.equal(emergencyOf(org, id).approval?.method, 'silence exception');
  await refuses(org, exception(org, id), 'authorisation.decided');
});

test('what is not silence', async () => {
  const { org, id } = await at('declared');
  const early = org.fork().wait(14);
  await refuses(early, exception(early, id, attempts(org, id, 13)), 'exception.wait', 'too early');
  org.wait(16);
  const all = attempts(org, id, 15);
  const mixed = [
    await org.sign('ana', 'exception', id, { attempts: all, reason: textOf('r') }),
    await org.sign('ben', 'exception', id, { attempts: all.slice(1), reason: textOf('r') }),
  ];
  await refusesAll(org, [
    ['the last attempt is too early', exception(org, id, attempts(org, id, 5)), 'exception.wait'],
    ['one channel is missing', exception(org, id, all.slice(1, -1)), 'exception.attempts'],
    [
      'a deputy was not tried',
      exception(
        org,
        id,
        all.filter(({ person }) => person !== 'dora'),
      ),
      'exception.attempts',
    ],
    [
      'an attempt before the declaration',
      exception(org, id, [...all, { ...all[0], at: minutesAfter(emergencyOf(org, id).at, -1) }]),
      'exception.times',
    ],
    [
      'an attempt in the future',
      exception(org, id, [...all, { ...all[0], at: minutesAfter(org.now, 1) }]),
      'exception.times',
    ],
    ['the requester alone', exception(org, id, all, ['ana']), 'exception.co-signature', ['ben']],
    ['the requester twice', exception(org, id, all, ['ana', 'ana']), 'exception.co-signature'],
    ['the witness instead', exception(org, id, all, ['ana', 'wanda']), 'exception.co-signature'],
    ['a crowd', exception(org, id, all, ['ana', 'ben', 'wanda']), 'exception.co-signature'],
    ['other attempts', said(mixed), 'exception.co-signature'],
    ['the second person first', exception(org, id, all, ['ben', 'ana']), 'exception.requester'],
  ]);
  await org.done(said(await org.sign('dora', 'refuse', id, { reason: textOf('no') })));
  await refuses(org, exception(org, id), 'exception.refused');
});

test('no exception after the end, nor for another emergency', async () => {
  const { org, id } = await at('declared');
  org.wait(16);
  const valid = await exception(org, id);
  await org.done(said(await org.sign('ana', 'abort', id, { reason: textOf('over') })));
  await refuses(org, valid, 'authorisation.over');
});

const sent = (org: Organisation, emergency: string, person: string, channel: 'message' | 'email') =>
  org.done({
    type: 'observation',
    observation: {
      saw: 'contacted',
      emergency,
      person,
      channel,
      at: org.now,
      what: 'approval-request',
    },
  });

test('what the server sent counts as tried; people add what it cannot do', async () => {
  const { org, id } = await at('declared');
  const approvers = ['dana', 'dirk', 'dora'];
  for (const person of approvers)
    for (const channel of ['message', 'email'] as const) await sent(org, id, person, channel);
  org.wait(16);
  const phoned = approvers.map((person) => ({ person, channel: 'phone', at: org.now }));
  await refuses(org, exception(org, id, phoned.slice(1)), 'exception.attempts', 'dana by phone');
  const early = phoned.map((one) => ({ ...one, at: emergencyOf(org, id).at }));
  await refuses(org, exception(org, id, early), 'exception.wait', 'nobody was tried to the end');
  await org.done(await exception(org, id, phoned));
  assert.equal(
    emergencyOf(org, id).approval?.contacts?.length,
    6,
    'the record says which were sent',
  );
});

test('a summary or a notice is no request: it does not make silence', async () => {
  const { org, id } = await at('declared');
  org.wait(16);
  const all = attempts(org, id, 15).filter(
    ({ person, channel }) => person !== 'dora' || channel !== 'email',
  );
  await org.done({
    type: 'observation',
    observation: {
      saw: 'contacted',
      emergency: id,
      person: 'dora',
      channel: 'email',
      at: org.now,
      what: 'notice',
    },
  });
  await refuses(org, exception(org, id, all), 'exception.attempts');
});

test('approvers who take part are not waited for: their silence would be no news', async () => {
  const { org } = await at('armed');
  const id = await declare(org, { second: 'dirk', witness: 'dora' });
  org.wait(16);
  const all = attempts(org, id, 15).filter(({ person }) => person === 'dana');
  await org.done(await exception(org, id, all, ['ana', 'dirk']));
});

test('approvers are told within the hour after the end, by the server or by people', async () => {
  const { org, id } = await at('declared');
  org.wait(16);
  await org.done(await exception(org, id));
  for (const [by, role] of [
    ['ben', 'second'],
    ['wanda', 'witness'],
  ] as const)
    await org.done(said(await org.sign(by, 'take-part', id, { role, together: 'video' })));
  await org.done(said(await request(org, id)));
  await org.done(said(await release(org, id, 'ana')));
  assert.deepEqual(notices(org), [], 'not before the end');
  await org.done(said(await org.sign('ana', 'end', id, { loggedOut: org.now })));
  const ended = org.now;
  const due = () => obligations(org.state, org.now).find(({ what }) => what === 'notify-approvers');
  assert.deepEqual([due()?.owners, due()?.due], [['ana', 'ben'], minutesAfter(ended, 60)]);
  assert.deepEqual(notices(org), [['dana', 'dirk', 'dora']]);
  org.wait(2);
  await refusesAll(org, [
    ['by a stranger', notification(org, id, 'cleo'), 'notification.by', ['ana', 'ben']],
    [
      'tomorrow',
      notification(org, id, 'ana', { at: minutesAfter(org.now, 9) }),
      'notification.times',
    ],
    [
      'before it happened',
      notification(org, id, 'ana', { at: minutesAfter(ended, -9) }),
      'notification.times',
    ],
    [
      'of another emergency',
      notification(org, id, 'ana', { emergency: textOf('?') }),
      'notification.document',
    ],
    [
      'other words',
      notification(org, id, 'ana', {}, { digest: textOf('?') }),
      'notification.document',
    ],
  ]);
  await org.done(await notification(org, id, 'ana', { person: 'dana' }));
  await refuses(org, notification(org, id, 'ben', { person: 'dana' }), 'notification.again');
  await org.done(await notification(org, id, 'ben', { person: 'dirk', channel: 'in-person' }));
  assert.deepEqual(notices(org), [['dora']]);
  await org.done({
    type: 'observation',
    observation: {
      saw: 'contacted',
      emergency: id,
      person: 'dora',
      channel: 'message',
      at: org.now,
      what: 'notice',
    },
  });
  assert.deepEqual([notices(org), due()], [[], undefined]);
  const approved = await at('declared');
  await refuses(
    approved.org,
    notification(approved.org, approved.id, 'ana'),
    'notification.nothing',
  );
});

/** Whom the server is to tell. */
function notices(org: Organisation): readonly (readonly string[])[] {
  return dueEffects(org.state).flatMap((one) => (one.do === 'send-notice' ? [one.people] : []));
}

test('on a path without the server, the share of an executive who takes no part is the approval', async () => {
  const { org, id } = await at('declared');
  await org.done(
    said(await org.sign('ben', 'take-part', id, { role: 'second', together: 'in-person' })),
  );
  await refuses(
    org,
    said(await request(org, id)),
    'opening.not-approved',
    'with the server it is not',
  );
  await org.done(said(await request(org, id, { path: 'offline' })));
  for (const [holder, group] of [
    ['ben', 'keyholders'],
    ['cleo', 'keyholders'],
    ['ana', 'executives'],
  ] as const)
    await refuses(
      org,
      said(await release(org, id, holder, { group })),
      'release.not-approved',
      holder,
    );
  const [opening] = emergencyOf(org, id).openings;
  assert.deepEqual(await org.done(said(await release(org, id, 'eli'))), [
    'EmergencyApproved',
    'ShareReleased',
    'VersionTouched',
    'AccountTaken',
  ]);
  assert.deepEqual(emergencyOf(org, id).approval, {
    by: 'eli',
    method: 'executive share',
    at: org.now,
  });
  assert.ok(opening);
  for (const holder of ['ben', 'cleo']) await org.done(said(await release(org, id, holder)));
  assert.ok(emergencyOf(org, id).openings[0]?.quorumAt);
  await refuses(
    org,
    said(await org.sign('dana', 'approve', id, { method: 'app' })),
    'authorisation.decided',
  );
});
