import assert from 'node:assert/strict';
import { test } from 'node:test';
import { said } from '../practice/practice-emergency.fixture.ts';
import {
  found,
  genesisChange,
  memberOf,
  Organisation,
  plain,
  policyWith,
} from '../practice/practice-organisation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

const group = (name: string, members: readonly string[]) =>
  ({ do: 'group', name, members }) as const;

test('a record begins with a genesis that two of its admins signed', async () => {
  const org = new Organisation();
  const alone = await org.rosterChange(await genesisChange(), ['ada']);
  await assert.rejects(org.submit(alone), { code: 'roster.admin' });
  await org.done(await org.rosterChange(await genesisChange(), ['ada', 'bob']));
  const again = await org.rosterChange(await genesisChange(), ['ada', 'bob']);
  await refuses(org, again, 'roster.genesis');
});

test('two admins adopt a policy that opens every path to two people or more', async () => {
  const org = await found();
  const adopting = (changes: object, signers: readonly string[] = ['ada', 'bob']) =>
    org.adoption(policyWith(changes), signers);
  const quorum = (...parts: readonly string[]) => ({ quorums: { 'tier-0': { standard: parts } } });
  await refusesAll(org, [
    ['one admin', adopting({}, ['ada']), 'policy.two-admins', ['ada', 'bob']],
    ['one admin twice', adopting({}, ['ada', 'ada']), 'policy.two-admins'],
    ['an admin and a custodian', adopting({}, ['ada', 'ana']), 'policy.two-admins'],
    ['another organisation’s', adopting({ organisation: 'fabrikam' }), 'policy.organisation'],
    ['other recipients', adopting({ recipients: 'hybrid' }), 'policy.recipients'],
    ['a group that is too small', adopting(quorum('4 of keyholders')), 'policy.group'],
    ['a group that is not there', adopting(quorum('2 of keyholders', '1 of owls')), 'policy.group'],
    [
      'a name that every object has',
      adopting(quorum('2 of keyholders', '1 of constructor')),
      'policy.group',
    ],
    [
      'groups with too few distinct members',
      adopting(quorum('3 of keyholders', '2 of executives')),
      'policy.group',
    ],
    [
      'one person in both groups',
      adopting(quorum('1 of keyholders', '1 of executives')),
      'procedure.one-person',
    ],
    ['an owner who is nobody', adopting({ owner: 'zoe' }), 'policy.person'],
    [
      'an approver who is a program',
      adopting({ approvers: { 'tier-0': ['rotator'] } }),
      'policy.person',
    ],
  ]);
  const knowingly = { ...quorum('1 of keyholders', '1 of executives'), allow_one_person: true };
  await org.done(await adopting(knowingly));
});

test('what is signed is the policy as it stands, once and for real', async () => {
  const org = await found();
  const other = policyWith({ accounts_per_system: 3 });
  const adoption = await org.adoption(other, ['ada', 'bob']);
  assert.ok(adoption.type === 'statements');
  const { document, ...without } = adoption;
  const changed = { ...adoption, document: plain({ ...other, accounts_per_system: 1 }) };
  const bare = { ...adoption, document: plain({ organisation: 'contoso' }) };
  const drill = await Promise.all(
    adoption.signed.map(({ statement }) =>
      org.sign(statement.by, 'policy.adopt', statement.subject, { purpose: 'drill' }),
    ),
  );
  await refusesAll(org, [
    ['without the policy', without, 'policy.document'],
    ['another policy', changed, 'policy.document'],
    ['half a policy', bare, 'procedure.policy'],
    ['signed in a drill', { ...adoption, signed: drill }, 'input.purpose'],
  ]);
  assert.notEqual(document, undefined);
  await org.done(adoption);
  await refuses(org, adoption, 'input.policy');
  await org.done(await org.adoption(policyWith(), ['ada', 'bob']));
  await refuses(org, adoption, 'policy.replayed', 'the policy before it is in force again');
  await org.done(await org.adoption(other, ['ada', 'bob']));
});

test('an emergency is judged by the policy of its declaration', async () => {
  const { org, id } = await at('declared');
  const before = org.state.policy;
  await org.done(
    await org.adoption(policyWith({ approvers: { 'tier-0': ['dora'] } }), ['ada', 'bob']),
  );
  const newPolicy = { method: 'app', policy: org.state.policy };
  await refuses(org, said(await org.sign('dana', 'approve', id, newPolicy)), 'input.policy');
  await org.done(said(await org.sign('dana', 'approve', id, { method: 'app', policy: before })));
});

test('after a roster change, what was signed before it is signed again', async () => {
  const { org, id } = await at('declared');
  const approval = said(await org.sign('dana', 'approve', id, { method: 'app' }));
  await org.done(
    await org.rosterChange({ do: 'admit', member: await memberOf('zoe', []) }, ['ada']),
  );
  await refuses(org, approval, 'input.roster');
  await org.done(said(await org.sign('dana', 'approve', id, { method: 'app' })));
});

test('a group that a path uses changes with its holders’ consent, or after 48 hours', async () => {
  const org = await found();
  const change = group('keyholders', ['ana', 'ben', 'cleo', 'dirk']);
  const strangers = org.rosterChange(group('keyholders', ['ana', 'zoe']), ['ada', 'ana', 'ben']);
  await refuses(org, strangers, 'roster.unknown-person');
  assert.deepEqual(await org.done(await org.rosterChange(change, ['ada'])), [
    'RosterChangeProposed',
  ]);
  org.wait(48 * 60 - 1);
  assert.deepEqual(await org.submit({ type: 'tick' }), { events: [] });
  org.wait(2);
  assert.deepEqual(await org.tick(), ['RosterChanged']);
  assert.deepEqual(org.state.roster?.groups.keyholders, change.members);
  const consented = await org.rosterChange(group('keyholders', ['ana', 'ben', 'cleo']), [
    'ada',
    'ben',
    'dirk',
  ]);
  assert.deepEqual(await org.done(consented), ['RosterChanged']);
});

test('no change of a group lets one person open a path', async () => {
  const org = await found({
    quorums: { 'tier-0': { standard: ['1 of keyholders', '1 of executives'] } },
    allow_one_person: true,
  });
  await org.done(await org.rosterChange(group('executives', ['eli']), ['ada', 'ana', 'eli']));
  await org.done(
    await org.adoption(
      policyWith({ quorums: { 'tier-0': { standard: ['1 of keyholders', '1 of executives'] } } }),
      ['ada', 'bob'],
    ),
  );
  const change = group('executives', ['eli', 'cleo']);
  await refuses(org, org.rosterChange(change, ['ada', 'eli', 'ana']), 'procedure.one-person');
  await refuses(
    org,
    org.rosterChange(change, ['ada']),
    'procedure.one-person',
    'not by waiting either',
  );
});
