import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '@halligan/format';
import fc from 'fast-check';
import { findings, obligations, type Policy, policyDigest } from '../index.ts';
import {
  found,
  type Organisation,
  plain,
  policyWith,
} from '../practice/practice-organisation.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';
import { loosenedGroups } from './loosening.ts';

const RULES = { rules: 2, timers: { loosening: '48h' } };
const paths = (standard: readonly string[], more: object = {}) =>
  policyWith({ ...RULES, quorums: { 'tier-0': { standard, ...more } } });
const STRICT = paths(['2 of keyholders', '1 of executives', '1 of server']);
/** The server is no longer needed, nor an executive. */
const LOOSE = paths(['2 of keyholders']);

async function strict(): Promise<Organisation> {
  return found({ ...RULES, quorums: STRICT.quorums });
}

async function objection(org: Organisation, by: string, change: string) {
  const document = { v: 'halligan/objection/v1', change };
  const signed = await org.sign(by, 'attest', change, {
    what: 'objection',
    digest: digestOf(document),
  });
  return { type: 'statements', signed: [signed], document } as const;
}

test('what loosens a quorum, and whose', () => {
  const rows: readonly (readonly [string, Policy, readonly string[]])[] = [
    ['the same', STRICT, []],
    ['more asked', paths(['3 of keyholders', '1 of executives', '1 of server']), []],
    [
      'another group besides',
      paths(['2 of keyholders', '1 of executives', '1 of server', '1 of owls']),
      [],
    ],
    [
      'fewer',
      paths(['1 of keyholders', '1 of executives', '1 of server']),
      ['executives', 'keyholders'],
    ],
    [
      'without the server',
      paths(['2 of keyholders', '1 of executives']),
      ['executives', 'keyholders'],
    ],
    [
      'another group instead',
      paths(['2 of owls', '1 of executives', '1 of server']),
      ['executives', 'keyholders'],
    ],
    [
      'a path more',
      paths(['2 of keyholders', '1 of executives', '1 of server'], { other: ['2 of owls'] }),
      ['executives', 'keyholders'],
    ],
    [
      'a stronger path more',
      paths(['2 of keyholders', '1 of executives', '1 of server'], {
        other: ['3 of keyholders', '1 of executives', '1 of server'],
      }),
      [],
    ],
    ['one person allowed', { ...STRICT, allow_one_person: true }, ['executives', 'keyholders']],
    [
      'a shorter delay',
      { ...STRICT, timers: { ...STRICT.timers, loosening: '1h' } },
      ['executives', 'keyholders'],
    ],
    ['older rules', { ...STRICT, rules: 1 }, ['executives', 'keyholders']],
    ['other timers', { ...STRICT, timers: { ...STRICT.timers, session: '8h' } }, []],
  ];
  for (const [what, now, groups] of rows)
    assert.deepEqual(loosenedGroups(STRICT, now), groups, what);
  assert.deepEqual(loosenedGroups({ ...STRICT, rules: 1 }, LOOSE), [], 'as journals of before');
});

test('no chain of policies that loosen nothing leads to one that does', () => {
  const policy = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 2 })), {
      minLength: 1,
      maxLength: 2,
    })
    .map((list) =>
      policyWith({
        ...RULES,
        quorums: {
          'tier-0': Object.fromEntries(
            list.map(([a, b], at) => [
              `p${at}`,
              ['1 of base', `${a} of keyholders`, ...(b > 0 ? [`${b} of executives`] : [])],
            ]),
          ),
        },
      }),
    );
  fc.assert(
    fc.property(policy, policy, policy, (a, b, c) => {
      fc.pre(loosenedGroups(a, b).length === 0 && loosenedGroups(b, c).length === 0);
      assert.deepEqual(loosenedGroups(a, c), []);
    }),
  );
});

test('two admins alone loosen nothing at once: it waits 48 hours, in sight of all', async () => {
  const org = await strict();
  assert.deepEqual(await org.done(await org.adoption(LOOSE, ['ada', 'bob'])), ['PolicyProposed']);
  const digest = policyDigest(LOOSE);
  assert.notEqual(org.state.policy, digest);
  assert.ok(findings(org.state, org.now).some(({ id }) => id === `change-waits:${digest}`));
  const due = obligations(org.state, org.now).find(({ id }) => id === `consent:${digest}`);
  assert.deepEqual(due?.owners, ['eli', 'ana', 'ben', 'cleo']);
  org.wait(48 * 60 - 1);
  assert.deepEqual(await org.submit({ type: 'tick' }), { events: [] });
  org.wait(1);
  assert.deepEqual(await org.tick(), ['PolicyAdopted']);
  assert.equal(org.state.policy, digest);
  assert.deepEqual(Object.keys(org.state.standing.delayed), [digest]);
  assert.deepEqual(org.state.standing.proposals, {});
});

test('with the consent of every group that is loosened it takes effect at once', async () => {
  const org = await strict();
  const whole = org.fork();
  assert.deepEqual(
    await whole.done(await whole.adoption(LOOSE, ['ada', 'bob', 'ana', 'ben'])),
    ['PolicyAdopted'],
    'ana is in both groups',
  );
  assert.deepEqual(whole.state.standing.delayed, {});
  await org.done(await org.adoption(LOOSE, ['ada', 'bob']));
  await org.done(await org.adoption(LOOSE, ['ben']));
  org.wait(60);
  assert.deepEqual(await org.done(await org.adoption(LOOSE, ['eli'])), ['PolicyProposed']);
  assert.deepEqual(await org.done(await org.adoption(LOOSE, ['cleo'])), ['PolicyAdopted']);
});

test('signing again does not shorten the wait, nor does what was signed before an objection', async () => {
  const org = await strict();
  const first = await org.adoption(LOOSE, ['ada', 'bob']);
  await org.done(first);
  const digest = policyDigest(LOOSE);
  const effective = org.state.standing.proposals[digest]?.effective;
  org.wait(60);
  await org.done(await org.adoption(LOOSE, ['ada', 'ben']));
  assert.equal(org.state.standing.proposals[digest]?.effective, effective);
  await refusesAll(org, [
    ['by nobody in particular', objection(org, 'ivan', digest), 'objection.person'],
    ['to nothing', objection(org, 'ben', 'a'.repeat(64)), 'objection.not-pending'],
  ]);
  assert.deepEqual(await org.done(await objection(org, 'cleo', digest)), ['ChangeCancelled']);
  await refuses(org, first, 'policy.replayed');
  org.wait(49 * 60);
  assert.deepEqual(await org.submit({ type: 'tick' }), { events: [] });
  await org.done(await org.adoption(LOOSE, ['ada', 'bob']));
  assert.notEqual(org.state.standing.proposals[digest]?.effective, effective);
});

test('a policy that no longer fits the people does not take effect by waiting', async () => {
  const org = await strict();
  await org.done(await org.adoption(LOOSE, ['ada', 'bob']));
  await org.done(
    await org.rosterChange({ do: 'amend', person: 'mei', roles: ['admin', 'system-owner'] }, [
      'ada',
      'bob',
    ]),
  );
  await org.done(await org.rosterChange({ do: 'amend', person: 'bob', roles: [] }, ['ada', 'bob']));
  org.wait(49 * 60);
  assert.deepEqual(await org.submit({ type: 'tick' }), { events: [] }, 'bob is no admin any more');
});

test('a roster change that waits is objected to as well, and its wait begins anew', async () => {
  const org = await strict();
  const change = {
    do: 'group',
    name: 'keyholders',
    members: ['ana', 'ben', 'cleo', 'ivan'],
  } as const;
  const proposal = await org.rosterChange(change, ['ada']);
  await org.done(proposal);
  const digest = org.state.roster?.pending[0]?.digest ?? '';
  org.wait(47 * 60);
  await org.done(await objection(org, 'ben', digest));
  assert.deepEqual(org.state.roster?.pending, []);
  await org.done(proposal);
  org.wait(60 + 1);
  assert.deepEqual(await org.submit({ type: 'tick' }), { events: [] });
  org.wait(47 * 60);
  assert.deepEqual(await org.tick(), ['RosterChanged']);
  assert.deepEqual(Object.keys(org.state.standing.delayed), [digest]);
  assert.equal(plain(org.state.standing.staffChanged ?? null), org.now);
});
