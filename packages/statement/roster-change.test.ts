import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  context,
  firstRoster,
  keyOf,
  linkAfter,
  member,
  NOW,
  recipientOf,
  rekey,
} from './cast.fixture.ts';
import {
  groupsOf,
  holdersOf,
  memberById,
  pendingAfter,
  personsWithRole,
  ROLES,
  type Roster,
  type RosterChange,
  type RosterContext,
  type RosterOutcome,
  rosterAfter,
  signRecipient,
  verifyLink,
} from './index.ts';

const HOLDERS = ['carol', 'dave', 'erin'];

async function attempt(
  roster: Roster,
  change: RosterChange,
  signers: readonly string[],
  rules: RosterContext = context(),
): Promise<RosterOutcome> {
  return rosterAfter(roster, await verifyLink(linkAfter(roster, change)), signers, rules);
}

async function applied(
  roster: Roster,
  change: RosterChange,
  signers: readonly string[],
  rules: RosterContext = context(),
): Promise<Roster> {
  const outcome = await attempt(roster, change, signers, rules);
  assert.ok(outcome.result === 'applied', `${change.do} by ${signers}: ${outcome.result}`);
  return outcome.roster;
}

async function isRefused(
  roster: Roster,
  change: RosterChange,
  signers: readonly string[],
  code: string,
): Promise<void> {
  const outcome = await attempt(roster, change, signers);
  assert.ok(outcome.result === 'refused', `${change.do} by ${signers}: ${outcome.result}`);
  assert.equal(outcome.code, code);
  assert.ok(outcome.why !== '' && outcome.hint !== '');
}

const group = (name: string, members: readonly string[]): RosterChange => ({
  do: 'group',
  name,
  members,
});

/** carol, dave and erin hold keyholders, frank and ana executives, the releaser server. */
async function furnished(): Promise<Roster> {
  let roster = await firstRoster();
  roster = await applied(roster, group('keyholders', HOLDERS), ['ana']);
  roster = await applied(roster, group('executives', ['ana', 'frank']), ['ana']);
  return applied(roster, group('server', ['releaser']), ['ana']);
}

const used = context({ keyholders: 2, executives: 1, server: 1 });

test('one admin admits, amends and removes people, and shapes groups that no path uses', async () => {
  let roster = await firstRoster();
  roster = await applied(roster, { do: 'admit', member: await member('gina', ['witness']) }, [
    'bob',
  ]);
  roster = await applied(roster, { do: 'amend', person: 'gina', roles: ['security'] }, ['ana']);
  assert.deepEqual(
    personsWithRole(roster, 'security').map(({ id }) => id),
    ['gina'],
  );
  roster = await applied(roster, group('keyholders', [...HOLDERS, 'gina']), ['ana']);
  assert.deepEqual(groupsOf(roster, 'gina'), ['keyholders']);
  roster = await applied(roster, { do: 'remove', person: 'gina' }, ['ana']);
  assert.equal(memberById(roster, 'gina'), undefined);
  assert.deepEqual(
    holdersOf(roster, 'keyholders').map(({ id }) => id),
    HOLDERS,
  );
  assert.equal(roster.number, 4);
  roster = await applied(roster, group('keyholders', []), ['ana']);
  assert.deepEqual(roster.groups, {});
  assert.deepEqual(holdersOf(roster, 'constructor'), []);
});

test('without an admin, or with a stranger or a program, nothing changes', async () => {
  const roster = await firstRoster();
  await isRefused(roster, group('g', ['carol']), [], 'roster.admin');
  await isRefused(roster, group('g', ['carol']), ['carol', 'dave'], 'roster.admin');
  await isRefused(roster, group('g', ['carol']), ['ana', 'mallory'], 'roster.stranger');
  await isRefused(roster, group('g', ['carol']), ['ana', 'releaser'], 'roster.stranger');
});

test('what is wrong whoever signs it is refused with its code', async () => {
  const first = await firstRoster();
  const roster = await applied(first, { do: 'remove', person: 'erin' }, ['ana']);
  const gina = await member('gina');
  const hybrid = `age1pq1${recipientOf('x').slice(4).repeat(40).slice(0, 1952)}`;
  const both = ['ana', 'bob'];
  const cases: readonly (readonly [RosterChange, string])[] = [
    [{ do: 'admit', member: await member('carol', [], 'other') }, 'roster.known'],
    [{ do: 'admit', member: await member('erin') }, 'roster.known'],
    [{ do: 'admit', member: await member('gina', [], 'carol') }, 'roster.shared-key'],
    [await rekey('dave', 'carol'), 'roster.shared-key'],
    [{ do: 'amend', person: 'erin', roles: [] }, 'roster.unknown-person'],
    [{ do: 'amend', person: 'releaser', roles: ['admin'] }, 'roster.program'],
    [{ do: 'amend', person: 'bob', roles: [] }, 'roster.last-admins'],
    [{ do: 'remove', person: 'bob' }, 'roster.last-admins'],
    [{ do: 'remove', person: 'gina' }, 'roster.unknown-person'],
    [await rekey('gina', 'gina'), 'roster.unknown-person'],
    [group('keyholders', ['carol', 'gina']), 'roster.unknown-person'],
  ];
  for (const [change, expected] of cases) await isRefused(roster, change, both, expected);
  for (const recipient of [hybrid, `${gina.recipient}q`]) {
    const outcome = rosterAfter(
      roster,
      // Its recipient proof is not what is tested here.
      {
        ...(await verifyLink(linkAfter(roster, { do: 'admit', member: gina }))),
        link: linkAfter(roster, { do: 'admit', member: { ...gina, recipient } }),
      },
      both,
      context(),
    );
    assert.ok(outcome.result === 'refused' && outcome.code === 'roster.recipient-kind');
  }
});

test('one recipient under two signing keys is still one human', async () => {
  const roster = await firstRoster();
  const { recipient } = await member('carol');
  const recipientSignature = await signRecipient('gina', recipient, await keyOf('gina'));
  const gina = { ...(await member('gina')), recipient, recipientSignature };
  await isRefused(roster, { do: 'admit', member: gina }, ['ana'], 'roster.shared-key');
});

test('a link follows the roster in force, and no other', async () => {
  const roster = await firstRoster();
  const good = linkAfter(roster, group('g', ['carol']));
  for (const link of [
    { ...good, number: 0 },
    { ...good, number: 2 },
    { ...good, previous: null },
    { ...good, previous: 'ab'.repeat(32) },
  ]) {
    const outcome = rosterAfter(roster, await verifyLink(link), ['ana'], context());
    assert.ok(outcome.result === 'refused' && outcome.code === 'roster.order');
  }
});

test('a used group changes with as many of its holders as a path asks of it', async () => {
  const roster = await furnished();
  const change = group('keyholders', ['carol', 'dave', 'bob']);
  const outcome = await attempt(roster, change, ['ana', 'carol'], used);
  assert.ok(outcome.result === 'pending');
  assert.deepEqual(outcome.missing, [{ from: 'holders', group: 'keyholders', need: 2, have: 1 }]);
  assert.equal(outcome.effective, '2026-03-03T12:00:00.000Z');
  assert.equal(outcome.roster.digest, roster.digest);
  assert.deepEqual(outcome.roster.groups, roster.groups);
  await applied(roster, change, ['ana', 'carol', 'erin'], used);
  // Those who will hold it have no say yet; people outside of it have none at all.
  const others = await attempt(roster, change, ['ana', 'bob', 'frank'], used);
  assert.equal(others.result, 'pending');
});

test('signatures over a pending change add up', async () => {
  const roster = await furnished();
  const change = group('keyholders', ['carol', 'dave']);
  const proposed = await attempt(roster, change, ['ana'], used);
  assert.ok(proposed.result === 'pending');
  const second = await attempt(proposed.roster, change, ['dave'], used);
  assert.ok(second.result === 'pending' && second.roster.pending.length === 1);
  assert.deepEqual(second.roster.pending[0]?.signers, ['ana', 'dave']);
  const done = await applied(second.roster, change, ['erin'], used);
  assert.deepEqual(done.pending, []);
  assert.deepEqual(done.groups.keyholders, ['carol', 'dave']);
});

test('a pending change takes effect 48 hours after this device saw it, not a second sooner', async () => {
  const roster = await furnished();
  const proposed = await attempt(roster, group('keyholders', ['ana']), ['ana'], used);
  assert.ok(proposed.result === 'pending');
  const at = (now: string) =>
    pendingAfter(proposed.roster, proposed.digest, {
      ...used,
      now,
      firstSeen: (digest) => (digest === proposed.digest ? NOW : undefined),
    });
  assert.equal(at('2026-03-03T11:59:59Z').result, 'pending');
  const done = at('2026-03-03T12:00:00Z');
  assert.ok(done.result === 'applied');
  assert.deepEqual(done.roster.groups.keyholders, ['ana']);
  assert.equal(done.roster.digest, proposed.digest);
  // A device that never saw it starts to count now, whatever others say.
  const never = pendingAfter(proposed.roster, proposed.digest, {
    ...used,
    now: '2027-01-01T00:00:00Z',
  });
  assert.equal(never.result, 'pending');
  const future = pendingAfter(proposed.roster, proposed.digest, {
    ...used,
    firstSeen: () => '2030-01-01T00:00:00Z',
  });
  assert.equal(future.result, 'pending');
});

test('another change cancels what is pending: that is how the others object', async () => {
  const roster = await furnished();
  const proposed = await attempt(roster, group('keyholders', ['ana']), ['ana'], used);
  assert.ok(proposed.result === 'pending');
  const objection = await applied(
    proposed.roster,
    { do: 'amend', person: 'frank', roles: ['approver', 'security'] },
    ['bob'],
    used,
  );
  const later = { ...used, now: '2027-01-01T00:00:00Z', firstSeen: () => NOW };
  const gone = pendingAfter(objection, proposed.digest, later);
  assert.ok(gone.result === 'refused' && gone.code === 'roster.not-pending');
});

test('a flood of proposals ends', async () => {
  let roster = await furnished();
  for (let count = 0; count < 16; count += 1) {
    const outcome = await attempt(
      roster,
      { do: 'admit', member: await member(`x-${count}`, ['admin']) },
      ['ana'],
    );
    assert.ok(outcome.result === 'pending');
    roster = outcome.roster;
  }
  await isRefused(roster, await rekey('frank', 'new'), ['ana'], 'roster.pending-full');
});

test('a new key signed with the old one needs an admin only; without it, the group or the delay', async () => {
  const roster = await furnished();
  const change = await rekey('carol', 'carol-new');
  const done = await applied(roster, change, ['ana', 'carol'], used);
  assert.deepEqual(
    memberById(done, 'carol')?.signing,
    (await member('x', [], 'carol-new')).signing,
  );
  const lost = await attempt(roster, change, ['ana', 'bob'], used);
  assert.equal(lost.result, 'pending');
  await applied(roster, change, ['ana', 'dave', 'erin'], used);
});

test('the key of somebody in no used group takes two admins: approvals hang on it', async () => {
  const roster = await furnished();
  const change = await rekey('frank', 'frank-new');
  const rules = context({ keyholders: 2 });
  const alone = await attempt(roster, change, ['ana'], rules);
  assert.ok(alone.result === 'pending');
  assert.deepEqual(alone.missing, [{ from: 'admins', need: 2, have: 1 }]);
  await applied(roster, change, ['ana', 'bob'], rules);
  assert.equal((await attempt(roster, await rekey('bob', 'b'), ['ana'], rules)).result, 'pending');
});

test('an admin who holds a share of a 1-of-n group is still one person', async () => {
  const roster = await furnished();
  const change = group('executives', ['ana']);
  const alone = await attempt(roster, change, ['ana'], used);
  assert.ok(alone.result === 'pending');
  assert.deepEqual(alone.missing, [{ from: 'people', group: 'executives', need: 2, have: 1 }]);
  await applied(roster, change, ['ana', 'frank'], used);
  assert.equal((await attempt(roster, change, ['bob'], used)).result, 'pending');
  await applied(roster, change, ['ana', 'bob'], used);
});

test('a used group without people has nobody to ask: two admins', async () => {
  const roster = await furnished();
  for (const change of [
    group('server', ['releaser', 'bob']),
    await rekey('releaser', 'releaser-new'),
    group('vault', ['carol']),
  ]) {
    const rules = context({ server: 1, vault: 2 });
    assert.equal((await attempt(roster, change, ['ana', 'carol'], rules)).result, 'pending');
    await applied(roster, change, ['ana', 'bob'], rules);
  }
});

test('a holder is removed by the group, or leaves by their own signature and another admin’s', async () => {
  const roster = await furnished();
  const change: RosterChange = { do: 'remove', person: 'carol' };
  assert.equal((await attempt(roster, change, ['ana', 'dave'], used)).result, 'pending');
  await applied(roster, change, ['ana', 'dave', 'erin'], used);
  const left = await applied(roster, change, ['ana', 'carol'], used);
  assert.deepEqual(left.former, ['carol']);
});

test('admins are made and unmade by two admins', async () => {
  const roster = await furnished();
  const gina: RosterChange = { do: 'admit', member: await member('gina', ['admin']) };
  assert.equal((await attempt(roster, gina, ['ana', 'carol'])).result, 'pending');
  const three = await applied(roster, gina, ['ana', 'bob']);
  for (const change of [
    { do: 'remove', person: 'bob' },
    { do: 'amend', person: 'bob', roles: [] },
    { do: 'amend', person: 'carol', roles: ['admin'] },
  ] as const) {
    assert.equal((await attempt(three, change, ['ana'])).result, 'pending');
    await applied(three, change, ['ana', 'gina']);
  }
  assert.equal((await attempt(three, { do: 'remove', person: 'ana' }, ['ana'])).result, 'pending');
});

test('no sequence of links lets one admin alone change a used group at once', async () => {
  const start = await furnished();
  const puppets = ['p-one', 'p-two', 'p-three'];
  const known = [...start.members.map((one) => one.id), ...puppets];
  const admitted = await Promise.all(puppets.map((puppet) => member(puppet)));
  const rekeyed = await Promise.all(
    known.flatMap((id) => ['k1', 'k2', 'k3'].map((key) => rekey(id, key))),
  );
  const anybody = fc.constantFrom(...known);
  const roles = fc.uniqueArray(fc.constantFrom(...ROLES));
  const change: fc.Arbitrary<RosterChange> = fc.oneof(
    fc
      .tuple(fc.constantFrom(...admitted), roles)
      .map(([puppet, has]) => ({ do: 'admit' as const, member: { ...puppet, roles: has } })),
    fc.record({ do: fc.constant('amend' as const), person: anybody, roles }),
    fc.constantFrom(...rekeyed),
    fc.record({ do: fc.constant('remove' as const), person: anybody }),
    fc
      .tuple(
        fc.constantFrom('keyholders', 'executives', 'server', 'spare'),
        fc.uniqueArray(anybody, { maxLength: 5 }),
      )
      .map(([name, members]) => group(name, members)),
  );
  const step = fc.record({ change, helpers: fc.subarray(puppets) });
  const guarded = (roster: Roster) => ({
    groups: ['keyholders', 'executives', 'server'].map((name) => roster.groups[name]),
    // Her own keys are hers to change.
    others: start.members
      .filter(({ id }) => id !== 'ana' && (groupsOf(start, id).length > 0 || id === 'bob'))
      .map(({ id }) => ({ ...memberById(roster, id), roles: [] })),
    admins: personsWithRole(roster, 'admin').map((admin) => admin.id),
  });
  let changed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(step, { maxLength: 12 }),
      async (need, steps) => {
        const rules = context({ keyholders: need, executives: 1, server: 1 });
        let roster = start;
        for (const { change, helpers } of steps) {
          const signers = ['ana', ...helpers.filter((helper) => memberById(roster, helper))];
          const outcome = await attempt(roster, change, signers, rules);
          if (outcome.result === 'refused') continue;
          if (outcome.result === 'applied') changed += 1;
          roster = outcome.roster;
          assert.deepEqual(guarded(roster), guarded(start));
        }
      },
    ),
    { numRuns: 300 },
  );
  assert.ok(changed > 100, 'some changes were applied');
});
