import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decidersOf, mayRelease, obligations } from '../index.ts';
import {
  emergencyOf,
  open,
  release,
  request,
  said,
} from '../practice/practice-emergency.fixture.ts';
import { ORIGIN, type Organisation } from '../practice/practice-organisation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { refuses, refusesAll } from '../practice/refusals.fixture.ts';

/** Takes people off the roster, as two admins and the groups may: here without asking how. */
function leave(org: Organisation, ...people: readonly string[]): void {
  const { roster } = org.state;
  assert.ok(roster !== undefined);
  const members = roster.members.filter(({ id }) => !people.includes(id));
  org.state = { ...org.state, roster: { ...roster, members } };
}

const taking = async (org: Organisation, id: string, by: string, role: string) =>
  said(await org.sign(by, 'take-part', id, { role, together: 'video' }));

test('for a second person who has left, another custodian takes part, before anything opens', async () => {
  const { org, id } = await at('joined');
  leave(org, 'ben');
  const { why, next } = await refuses(
    org,
    said(await request(org, id)),
    'opening.no-second-person',
  );
  assert.match(why, /left/);
  assert.match(next, /custodian/);
  const [due] = obligations(org.state, org.now).filter(({ about }) => about === id);
  assert.deepEqual([due?.what, due?.owners], ['take-part', ['cleo', 'dirk']]);
  await refusesAll(org, [
    [
      'the requester',
      taking(org, id, 'ana', 'second'),
      'acknowledgement.not-named',
      ['cleo', 'dirk'],
    ],
    ['the witness', taking(org, id, 'wanda', 'second'), 'acknowledgement.not-named'],
    ['who approved', taking(org, id, 'dana', 'second'), 'acknowledgement.not-named'],
    ['no custodian', taking(org, id, 'ivan', 'second'), 'acknowledgement.not-named'],
  ]);
  await org.done(await taking(org, id, 'cleo', 'second'));
  assert.equal(emergencyOf(org, id).second, 'cleo');
  await refuses(
    org,
    taking(org, id, 'dirk', 'second'),
    'acknowledgement.not-named',
    'one is enough',
  );
  await open(org, id);
});

test('a second person who leaves while shares are collected stops them, until another is there', async () => {
  const { org, id } = await at('touched');
  const [opening] = emergencyOf(org, id).openings;
  leave(org, 'ben');
  const asked = () => {
    const pins = { organisation: 'contoso', origin: ORIGIN, holder: 'cleo' };
    const request = opening?.request ?? '';
    const answer = mayRelease({ state: org.state, emergency: id, request }, pins, org.now);
    return 'refusal' in answer ? answer.refusal.rule : 'yes';
  };
  assert.equal(asked(), 'release.no-second-person');
  await org.done(await taking(org, id, 'dirk', 'second'));
  assert.equal(asked(), 'yes');
  for (const holder of ['cleo', 'releaser']) await org.done(said(await release(org, id, holder)));
  await org.done(said(await org.sign('dirk', 'end', id, { loggedOut: org.now })));
});

test('for a required witness who has left, somebody else who holds no share watches', async () => {
  const { org, id } = await at('joined', { policy: { witness: 'required' } });
  leave(org, 'wanda');
  const { eligible } = await refuses(org, said(await request(org, id)), 'opening.no-witness');
  assert.ok(eligible.includes('ivan') && !eligible.includes('cleo') && !eligible.includes('dana'));
  await refuses(org, taking(org, id, 'cleo', 'witness'), 'acknowledgement.not-named', 'a holder');
  await org.done(await taking(org, id, 'ivan', 'witness'));
  await open(org, id);
});

test('an optional witness who has left is not missed; an approval outlives its approver', async () => {
  const { org, id } = await at('joined');
  leave(org, 'wanda', 'dana');
  await open(org, id);
});

test('where every listed approver has left, executives decide, and then admins', async () => {
  const { org, id } = await at('declared');
  const yes = async (by: string) => said(await org.sign(by, 'approve', id, { method: 'app' }));
  assert.deepEqual(decidersOf(org.state, emergencyOf(org, id)), ['dana', 'dirk', 'dora']);
  await refuses(org, yes('eli'), 'authorisation.not-approver');
  leave(org, 'dana', 'dirk', 'dora');
  await refuses(org, yes('ada'), 'authorisation.not-approver');
  const executives = org.fork();
  await executives.done(await yes('eli'));
  leave(org, 'eli');
  assert.deepEqual(decidersOf(org.state, emergencyOf(org, id)), ['ada', 'bob']);
  await org.done(await yes('ada'));
});

test('whom nobody can reach, because they have left, is not waited for', async () => {
  const { org, id } = await at('declared');
  leave(org, 'dirk');
  org.wait(16);
  const attempts = ['dana', 'dora'].flatMap((person) =>
    ['phone', 'message', 'email'].map((channel) => ({ person, channel, at: org.now })),
  );
  const tried = (by: string) => org.sign(by, 'exception', id, { attempts, reason: '0'.repeat(64) });
  await org.done(said([await tried('ana'), await tried('ben')]));
});
