import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdersOf, type Roster } from '@halligan/statement';
import fc from 'fast-check';
import { lintPolicy, openingSets, type Policy, parsePolicy, policyOf } from '../index.ts';
import { found, POLICY, policyWith } from '../practice/practice-organisation.fixture.ts';

const { roster } = (await found()).state;
assert.ok(roster !== undefined);
const people: Roster = roster;

const withGroups = (groups: Readonly<Record<string, readonly string[]>>): Roster => ({
  ...people,
  groups: { ...people.groups, ...groups },
});
const idsOf = (policy: Policy, who: Roster = people, dailyAdmins: readonly string[] = []) =>
  lintPolicy(policy, who, { dailyAdmins }).map(({ id }) => id);
const quorum = (...parts: string[]) => ({ 'tier-0': { standard: parts } });

test('each weakness of a policy is a finding, by its name', () => {
  const rows: readonly (readonly [string, Policy, Roster?, string[]?])[] = [
    ['unknown-group:tier-0.standard.owls', policyWith({ quorums: quorum('2 of owls') })],
    [
      'unknown-group:tier-0.standard.constructor',
      policyWith({ quorums: quorum('2 of constructor') }),
    ],
    ['closed-path:tier-0.standard', policyWith({ quorums: quorum('4 of keyholders') })],
    ['quorum-margin:keyholders', policyWith({ quorums: quorum('3 of keyholders') })],
    ['shared-members:tier-0.offline.keyholders.executives', policyWith()],
    [
      'one-person-path:tier-0.standard',
      policyWith({ allow_one_person: true, quorums: quorum('1 of keyholders', '1 of server') }),
    ],
    [
      'one-person-path:tier-0.standard',
      policyWith({ quorums: quorum('1 of keyholders', '1 of executives') }),
    ],
    [
      'one-person-path:tier-0.standard',
      policyWith(),
      withGroups({ keyholders: ['ana', 'rotator'] }),
    ],
    ['allow-one-person', policyWith({ allow_one_person: true })],
    ['wrong-kind:server', policyWith(), withGroups({ server: ['ivan'] })],
    ['wrong-kind:keyholders', policyWith(), withGroups({ keyholders: ['ana', 'ben', 'releaser'] })],
    ['custodian-is-daily-admin:keyholders.ben', policyWith(), people, ['ben']],
    ['unknown-person:owner.zoe', policyWith({ owner: 'zoe' })],
    ['unknown-person:owner.releaser', policyWith({ owner: 'releaser' })],
    ['unknown-person:governance.zoe', policyWith({ governance: 'zoe' })],
    ['unknown-person:approvers.tier-0.zoe', policyWith({ approvers: { 'tier-0': ['zoe'] } })],
    ['one-approver:tier-0', policyWith({ approvers: { 'tier-0': ['dana'] } })],
    ['approver-holds-shares:tier-0.ana', policyWith({ approvers: { 'tier-0': ['ana', 'dana'] } })],
    ['loosened:timers.approver_wait', policyWith({ timers: { approver_wait: '14m' } })],
    ['loosened:timers.review', policyWith({ timers: { review: '8d' } })],
    ['loosened:timers.retention', policyWith({ timers: { retention: '6y' } })],
    ['loosened:timers.loosening', policyWith()],
    ['loosened:timers.loosening', policyWith({ timers: { loosening: '47h' } })],
    ['drills-too-rare', policyWith({ timers: { drill_every: '184d' } })],
    ['loosened:accounts_per_system', policyWith({ accounts_per_system: 1 })],
    ['loosened:fido2_keys_per_account', policyWith({ fido2_keys_per_account: 1 })],
    ['loosened:may_be_second_person', policyWith({ may_be_second_person: true })],
    ['loosened:witness', policyWith({ witness: 'none' })],
    ['no-cosigner', policyWith()],
    ['too-few-cosigners', policyWith({ cosigners: { need: 2, of: ['a'] } })],
    ['no-out-of-band-channel', policyWith()],
    ['no-governance', policyWith()],
    ['no-holidays', policyWith()],
  ];
  for (const [id, policy, who, daily] of rows)
    assert.ok(idsOf(policy, who, daily).includes(id), `${id}: ${idsOf(policy, who, daily)}`);
});

test('a policy that keeps to the procedure, with people enough, has no finding', () => {
  const policy = parsePolicy(
    JSON.stringify({
      ...POLICY,
      working_days: { country: 'GB' },
      channels: { out_of_band: 'signal-group' },
      governance: 'eli',
      cosigners: { need: 1, of: ['a', 'b'] },
      approvers: { 'tier-0': ['dana'], deputies: ['dora'] },
      quorums: quorum('2 of keyholders', '1 of server'),
      timers: { approver_wait: '20m', review: '3 business days', retention: '10y' },
    }),
  );
  assert.deepEqual(lintPolicy(policy, people), []);
});

test('the gravest comes first, and each says what ends it', () => {
  const list = lintPolicy(policyWith({ allow_one_person: true, owner: 'zoe' }), people);
  const order = list.map(({ severity }) => ['critical', 'warning', 'notice'].indexOf(severity));
  assert.deepEqual(order, [...order].sort());
  assert.ok(list.every(({ what, fix }) => what.endsWith('.') && fix.length > 5));
  assert.equal(new Set(list.map(({ id }) => id)).size, list.length);
});

test('the smallest sets that open a path are sets, open it, and nothing less does', () => {
  const names = ['ana', 'ben', 'cleo', 'dana', 'eli', 'releaser'];
  const group = fc.subarray(names);
  fc.assert(
    fc.property(
      group,
      group,
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 2 }),
      (one, two, needOne, needTwo) => {
        const who = withGroups({ one, two });
        const path = {
          name: 'x',
          groups: [
            { name: 'one', need: needOne },
            { name: 'two', need: needTwo },
          ],
        };
        const opens = (set: readonly string[]) =>
          path.groups.every(
            ({ name, need }) =>
              holdersOf(who, name).filter(({ id }) => id === 'releaser' || set.includes(id))
                .length >= need,
          );
        const all = Array.from({ length: 2 ** 5 }, (_, bits) =>
          names.slice(0, 5).filter((__, at) => (bits >> at) & 1),
        ).filter(opens);
        const smallest = all.filter(
          (set) =>
            !all.some((less) => less.length < set.length && less.every((id) => set.includes(id))),
        );
        const plain = (sets: readonly (readonly string[])[]) =>
          sets.map((set) => [...set].sort().join(' ')).sort();
        assert.deepEqual(plain(openingSets(path, who)), plain(smallest));
      },
    ),
  );
});

test('sixteen of sixty-four are not enumerated', () => {
  const many = Array.from({ length: 64 }, (_, at) => `p${at}`);
  const member = people.members.find(({ id }) => id === 'ivan');
  assert.ok(member !== undefined);
  const crowd: Roster = {
    ...people,
    members: many.map((id) => ({ ...member, id })),
    groups: { many },
  };
  const sets = openingSets({ name: 'x', groups: [{ name: 'many', need: 16 }] }, crowd);
  assert.ok(sets.length <= 64);
});

test('a policy in force keeps its digest: what was added later is left out unless it is written', () => {
  assert.equal('loosening' in policyOf(POLICY).timers, false);
  assert.equal(parsePolicy(JSON.stringify(POLICY)).timers.loosening, '48h');
});
