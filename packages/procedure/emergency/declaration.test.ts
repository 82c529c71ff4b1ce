import assert from 'node:assert/strict';
import { test } from 'node:test';
import { subjectOf } from '@halligan/statement';
import {
  declaration,
  declare,
  emergencyOf,
  open,
  release,
  request,
  said,
} from '../practice/practice-emergency.fixture.ts';
import { ACCOUNT, found, SPARE, textOf } from '../practice/practice-organisation.fixture.ts';
import { failedRotation, kitted, rotate, sealed } from '../practice/practice-rotation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

test('a declaration becomes an emergency, and the approvers are asked', async () => {
  const { org } = await at('armed');
  const id = await declare(org);
  const emergency = emergencyOf(org, id);
  assert.equal(emergency.requester, 'ana');
  assert.equal(emergency.policy, org.state.policy);
  assert.equal(emergency.rules, 1);
  const [event] = org.history.at(-1)?.events.filter(({ type }) => type === 'ApproversAsked') ?? [];
  assert.deepEqual(event?.data, { emergency: id, approvers: ['dana', 'dirk', 'dora'] });
});

test('an approver who declares is not asked', async () => {
  const { org } = await at('armed');
  const id = await declare(org, {}, 'dirk');
  const [event] = org.history.at(-1)?.events.filter(({ type }) => type === 'ApproversAsked') ?? [];
  assert.deepEqual(event?.data, { emergency: id, approvers: ['dana', 'dora'] });
});

test('what a declaration may not say', async () => {
  const { org } = await at('armed');
  const saying = async (fields: Readonly<Record<string, unknown>>, by = 'ana') =>
    said(await declaration(org, fields, by));
  await refusesAll(org, [
    ['an unknown account', saying({ account: 'nobody' }), 'declaration.account'],
    ['an account that is none', saying({ account: 'nobody-s' }), 'declaration.account'],
    [
      'about another account than it names',
      saying({ subject: subjectOf('account', SPARE) }),
      'declaration.account',
    ],
    ['another system', saying({ system: 'payroll' }), 'declaration.system'],
    ['an exercise', saying({ purpose: 'exercise' }), 'declaration.purpose'],
    ['oneself as second person', saying({ second: 'ana' }), 'declaration.same-person'],
    ['oneself as approver', saying({}, 'dana'), 'declaration.same-person'],
    [
      'the approver as second person',
      saying({ second: 'dirk', approver: 'dirk' }),
      'declaration.same-person',
    ],
    ['the second person as witness', saying({ witness: 'ben' }), 'declaration.same-person'],
    ['the approver as witness', saying({ witness: 'dana' }), 'declaration.same-person'],
    ['an unknown second person', saying({ second: 'zoe' }), 'declaration.unknown-person'],
    ['an unknown witness', saying({ witness: 'nobody' }), 'declaration.unknown-person'],
    ['a program as second person', saying({ second: 'releaser' }), 'declaration.unknown-person'],
    [
      'a second person who is no custodian',
      saying({ second: 'ivan' }),
      'declaration.second-person',
      ['ben', 'cleo', 'dirk'],
    ],
    [
      'somebody who approves nothing',
      saying({ approver: 'eli' }),
      'declaration.approver',
      ['dana', 'dirk', 'dora'],
    ],
    ['a witness who holds a share', saying({ witness: 'cleo' }), 'declaration.witness-holds'],
    [
      'an executive who holds a share as witness',
      saying({ witness: 'eli' }),
      'declaration.witness-holds',
    ],
  ]);
});

test('the policy says which circumstances and which witness', async () => {
  const narrow = await at('armed', {
    policy: { circumstances: ['lockout'], witness: 'required' },
  });
  const none = await at('armed', { policy: { witness: 'none' } });
  await refuses(narrow.org, said(await declaration(narrow.org)), 'declaration.circumstances');
  const alone = await declaration(narrow.org, { cause: 'lockout', witness: undefined });
  await refuses(narrow.org, said(alone), 'declaration.witness');
  await declare(narrow.org, { cause: 'lockout' });
  await refuses(none.org, said(await declaration(none.org)), 'declaration.witness');
  await declare(none.org, { witness: undefined });
});

test('a declaration counts once', async () => {
  const { org } = await at('armed');
  const signed = await declaration(org);
  await org.done(said(signed));
  await refuses(org, said(signed), 'declaration.replayed');
  const { org: closed } = await at('closed');
  const [first] = closed.history.flatMap(({ stored }) =>
    stored.type === 'statements'
      ? stored.signed.filter(({ statement }) => statement.kind === 'declare')
      : [],
  );
  assert.ok(first !== undefined);
  await refuses(closed, said(first), 'declaration.replayed');
});

test('nothing is declared where nothing is sealed, or without a policy', async () => {
  const org = await found();
  await refuses(org, said(await declaration(org)), 'declaration.no-seal');
});

test('one pending request a person, and a cool-down for who gives up over and over', async () => {
  const { org } = await at('armed');
  for (let given = 0; given < 3; given += 1) {
    const id = await declare(org);
    await refuses(org, said(await declaration(org, { account: SPARE })), 'declaration.pending');
    await org.done(said(await org.sign('ana', 'abort', id, { reason: textOf('the wrong one') })));
    org.wait(1);
  }
  await refuses(org, said(await declaration(org)), 'declaration.cool-down');
  await declare(org.fork(), { second: 'cleo' }, 'ben');
  org.wait(11);
  await refuses(org, said(await declaration(org)), 'declaration.cool-down');
  org.wait(2);
  await declare(org);
});

test('an account in use is not for a second emergency; one that is over is, when nothing else is armed', async () => {
  const { org, id } = await at('touched');
  await refuses(org, said(await declaration(org, { second: 'cleo' }, 'ben')), 'declaration.in-use');
  await org.done(said(await org.sign('ana', 'end', id, { loggedOut: org.now })));
  const again = async () => said(await declaration(org, { second: 'cleo' }, 'ben'));
  const { next } = await refuses(org, again(), 'declaration.unarmed');
  assert.match(next, /root-2/);
  await org.done(sealed(org, SPARE, 2));
  await org.done(kitted(SPARE, 2));
  await org.done(failedRotation(SPARE, 2));
  await org.done(await again());
});

test('a drill waits for emergencies, and never leaves nothing armed', async () => {
  const drill = { purpose: 'drill', second: 'cleo', account: SPARE };
  const declared = await at('declared');
  await refuses(
    declared.org,
    said(await declaration(declared.org, drill, 'ben')),
    'drill.emergency',
  );
  const { org: exposed } = await at('armed');
  await exposed.done(sealed(exposed, ACCOUNT, 2));
  await exposed.done(kitted(ACCOUNT, 2));
  await exposed.done(failedRotation(ACCOUNT, 2));
  await refuses(exposed, said(await declaration(exposed, drill)), 'drill.sibling');
  await refuses(
    exposed,
    said(await declaration(exposed, { purpose: 'drill' })),
    'declaration.unarmed',
  );
  await rotate(exposed, ACCOUNT);
  await declare(exposed, drill);
});

test('where the policy lets one person be both, the second person watches as well', async () => {
  const both = { policy: { witness: 'required', may_be_second_person: true } };
  const { org } = await at('armed', both);
  const id = await declare(org, { witness: 'ben' });
  await org.done(said(await org.sign('dana', 'approve', id, { method: 'app' })));
  await refuses(org, said(await request(org, id)), 'opening.no-second-person');
  await org.done(
    said(await org.sign('ben', 'take-part', id, { role: 'second', together: 'video' })),
  );
  await open(org, id);
  for (const holder of ['ben', 'cleo', 'releaser'])
    await org.done(said(await release(org, id, holder)));
  const { org: apart } = await at('armed', { policy: { witness: 'required' } });
  await refuses(
    apart,
    said(await declaration(apart, { witness: 'ben' })),
    'declaration.same-person',
  );
});

test('titles are on the record, as the requester and each person gave them', async () => {
  const { org } = await at('armed');
  const titles = textOf('ana: head of operations; ben: database administrator');
  const title = textOf('database administrator');
  const id = await declare(org, { titles });
  await org.done(
    said(await org.sign('ben', 'take-part', id, { role: 'second', together: 'video', title })),
  );
  assert.equal(emergencyOf(org, id).titles, titles);
  assert.equal(emergencyOf(org, id).parts.ben?.title, title);
});
