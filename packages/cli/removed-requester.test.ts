/** The requester is taken off the roster once the shares were released: by a proposal that others sign, and somebody takes over. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { emergencyById } from '@halligan/procedure';
import { EXIT } from './exit-codes.ts';
import { type LiveOpening, liveOpening } from './live-opening.fixture.ts';

let scene: LiveOpening;
before(async () => {
  scene = await liveOpening();
});
after(() => scene?.end());

const as: LiveOpening['as'] = (...words) => scene.as(...words);
const emergency = () => emergencyById(scene.server.parts.leader.state, scene.emergency);
const roster = () => scene.server.parts.leader.state.roster;

async function done(person: string, ...argv: readonly string[]) {
  const answer = await as(person, ...argv);
  assert.equal(answer.code, EXIT.ok, `${argv.join(' ')}: ${answer.said}`);
  return answer;
}

test('a proposal of it is carried from person to person, and takes effect with the last signature that is missing', async () => {
  for (const who of ['ana', 'ben'])
    await done(
      who,
      'emergency',
      'release',
      scene.emergency,
      '--check-words',
      scene.checkWords.join(' '),
    );
  await scene.server.settled();
  assert.notEqual(emergency()?.openings[0]?.quorumAt, undefined);
  const shown = await done('dana', 'person', 'remove', 'ana', '--dry-run');
  assert.deepEqual(JSON.parse(shown.out.join('')).emergencies, [scene.emergency]);

  const proposal = join(scene.root, 'removal.json');
  const written = await done('dana', 'person', 'remove', 'ana', '--yes', '--proposal', proposal);
  assert.match(written.said, /Next: whoever is missing signs the file, one after the other/);
  assert.deepEqual(roster()?.pending, [], 'nothing was sent');
  await done('raj', 'person', 'sign', proposal);
  const [change] = roster()?.pending ?? [];
  assert.ok(change !== undefined, 'the group has not consented');
  for (const who of ['ben', 'mei'])
    await done(who, 'policy', 'consent', change.digest.slice(0, 12));
  assert.equal(
    roster()?.members.some(({ id }) => id === 'ana'),
    false,
  );
});

test('the requester is told; the second person is told that it is theirs, and ends it; the credential is rotated', async () => {
  for (const what of ['sign-in', 'end', 'sign']) {
    const gone = await as('ana', 'emergency', what, scene.emergency);
    assert.equal(gone.code, EXIT.signIn, gone.said);
    assert.match(gone.said, /taken off the roster/);
    assert.match(gone.said, /^hint: Ask an admin why: dana, raj\./m);
  }
  const shown = await done('ben', 'emergency', 'show', scene.emergency);
  assert.equal(JSON.parse(shown.out.join('')).emergency.id, scene.emergency);
  await done('ben', 'emergency', 'end', scene.emergency);
  assert.equal(emergency()?.ended?.loggedOut !== undefined, true);
  await scene.server.settled();
  const account = scene.server.parts.leader.state.accounts[scene.account];
  assert.ok((account?.current ?? 0) > 1, 'what was released is worth nothing any more');
  const due = await done('ben', 'obligations', '--all');
  assert.match(due.out.join(''), new RegExp(scene.emergency.slice(0, 12)));
});
