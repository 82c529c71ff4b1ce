import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkDigest } from '@halligan/statement';
import { departureOf, removalOf } from '../index.ts';
import {
  ACCOUNT,
  found,
  type Organisation,
  SYSTEM,
} from '../practice/practice-organisation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';

function of(org: Organisation, person: string, signers: readonly string[] = ['ada']) {
  const departure = departureOf(org.state, person, signers, org.now);
  if ('refusal' in departure) throw new assert.AssertionError({ message: departure.refusal.why });
  return departure;
}

function refusalOf(org: Organisation, person: string): string {
  const departure = departureOf(org.state, person, ['ada'], org.now);
  return 'refusal' in departure ? departure.refusal.rule : 'none';
}

test('what follows from a removal: groups, paths, accounts, emergencies, names and duties', async () => {
  const { org, id } = await at('joined');
  const ben = of(org, 'ben');
  assert.deepEqual(ben.roles, ['custodian']);
  assert.deepEqual(ben.groups, [{ name: 'keyholders', need: 2, left: ['ana', 'cleo'] }]);
  assert.ok(ben.rotate.includes(ACCOUNT));
  assert.deepEqual(ben.emergencies, [id]);
  assert.deepEqual([ben.lost, ben.named, ben.places], [[], [], []]);
  assert.deepEqual(of(org, 'raj').named, ['policy owner']);
  assert.deepEqual(of(org, 'dana').named, ['approver of tier-0']);
  assert.deepEqual(of(org, 'dora').named, ['deputy']);
  assert.deepEqual(of(org, 'mei').named, [`owner of ${SYSTEM}`]);
  assert.deepEqual(of(org, 'ivan').groups, []);
  // Who holds a share of the path without the server, too.
  assert.deepEqual(
    of(org, 'eli').groups.map(({ name, left }) => [name, left]),
    [['executives', ['ana']]],
  );
});

test('a path that nobody could open any more is said, and is no refusal', async () => {
  const { org } = await at('joined');
  const { roster } = org.state;
  assert.ok(roster !== undefined);
  const groups = { ...roster.groups, keyholders: ['ana', 'ben'] };
  org.state = { ...org.state, roster: { ...roster, groups } };
  assert.deepEqual(of(org, 'ben').lost, [
    { tier: 'tier-0', path: 'offline' },
    { tier: 'tier-0', path: 'standard' },
  ]);
  // Gone already: it is not lost once more.
  org.state = { ...org.state, roster: { ...roster, groups: { ...groups, keyholders: ['ana'] } } };
  assert.deepEqual(of(org, 'ana').lost, []);
});

test('signatures that are missing are counted by who signs, and by who has signed a proposal of it', async () => {
  const { org } = await at('joined');
  const missing = (signers: readonly string[]) =>
    of(org, 'ben', signers).missing.map(({ need, have }) => need - have);
  assert.ok(missing([]).length > missing(['ada', 'ana', 'cleo']).length);
  assert.deepEqual(missing(['ada', 'ana', 'cleo']), []);
  const { roster } = org.state;
  assert.ok(roster !== undefined);
  await org.done(await org.rosterChange({ do: 'remove', person: 'ben' }, ['ada']));
  const pending = org.state.roster?.pending ?? [];
  assert.deepEqual(
    pending.map(({ digest }) => digest),
    [linkDigest(removalOf(roster, 'ben'))],
  );
  assert.deepEqual(missing([]), missing(['ada']));
});

test('what the rules refuse is refused before anybody signs', async () => {
  const org = await found();
  assert.equal(refusalOf(org, 'zoe'), 'roster.unknown-person');
  assert.equal(refusalOf(org, 'ada'), 'roster.last-admins');
});
