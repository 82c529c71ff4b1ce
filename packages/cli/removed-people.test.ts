/** A second person is taken off the roster in the middle of an emergency: each is told what holds now, by the program that people use. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EXIT } from './exit-codes.ts';
import { type LiveOpening, liveOpening } from './live-opening.fixture.ts';

let scene: LiveOpening;
before(async () => {
  scene = await liveOpening();
});
after(() => scene?.end());

const as: LiveOpening['as'] = (...words) => scene.as(...words);

/** One admin, and the holders whose group it changes: else it waits 48 hours. */
async function remove(person: string, consenting: readonly string[]): Promise<void> {
  const proposed = await as('dana', 'person', 'remove', person, '--yes');
  assert.equal(proposed.code, EXIT.ok, proposed.said);
  const [change] = scene.server.parts.leader.state.roster?.pending ?? [];
  assert.ok(change !== undefined);
  assert.ok(
    proposed.said.includes(
      `Next: they agree with halligan policy consent ${change.digest.slice(0, 12)}`,
    ),
  );
  for (const who of consenting) {
    const agreed = await as(who, 'policy', 'consent', change.digest.slice(0, 12));
    assert.equal(agreed.code, EXIT.ok, agreed.said);
  }
  const { roster } = scene.server.parts.leader.state;
  assert.equal(
    roster?.members.some(({ id }) => id === person),
    false,
  );
}

test('before anything is signed, what follows is shown; nothing that the rules refuse is signed', async () => {
  const shown = await as('dana', 'person', 'remove', 'ben', '--dry-run');
  assert.equal(shown.code, EXIT.ok, shown.said);
  const { digest: before } = scene.server.parts.leader.state.roster ?? {};
  const { duties, ...follows } = JSON.parse(shown.out.join(''));
  assert.ok(duties.some(({ what }: { what: string }) => what === 'kit-check'));
  assert.deepEqual(follows, {
    person: 'ben',
    roles: ['custodian'],
    groups: [{ name: 'keyholders', need: 2, left: ['ana', 'mei'] }],
    lost: [],
    rotate: [scene.account, 'breakglass-admin-2'],
    emergencies: [scene.emergency],
    places: [],
    named: [],
    missing: [
      { from: 'holders', group: 'keyholders', need: 2, have: 0 },
      { from: 'people', group: 'keyholders', need: 2, have: 1 },
    ],
  });
  const asked = await as('dana', 'person', 'remove', 'ben');
  assert.equal(codeOf(asked), 'cli.no-terminal');
  assert.match(
    asked.said,
    /keyholders: 2 left \(ana, mei\), 2 needed: everybody left must be there/,
  );
  const last = await as('dana', 'person', 'remove', 'raj', '--yes');
  assert.equal(codeOf(last), 'roster.last-admins');
  const nobody = await as('dana', 'person', 'remove', 'eve', '--yes');
  assert.equal(codeOf(nobody), 'roster.unknown-person');
  assert.equal(scene.server.parts.leader.state.roster?.digest, before);
  assert.deepEqual(scene.server.parts.leader.state.roster?.pending, []);
});

test('who was removed is told so; another custodian stands in, and the emergency goes on', async () => {
  const { emergency, checkWords } = scene;
  const words = ['--check-words', checkWords.join(' ')];
  await remove('ben', ['ana', 'mei']);
  const gone = await as('ben', 'emergency', 'release', emergency, ...words);
  assert.deepEqual([gone.code, codeOf(gone)], [EXIT.signIn, 'server.sign-in']);
  assert.match(gone.said, /taken off the roster/);
  assert.match(gone.said, /^hint: Ask an admin why: dana, raj\./m);
  const held = await as('ana', 'emergency', 'release', emergency, ...words);
  assert.deepEqual([held.code, codeOf(held)], [EXIT.denied, 'release.no-second-person']);
  assert.match(held.said, /ben has left/);
  assert.match(held.said, /^hint: Another custodian takes part in their place/m);
  const standing = await as('mei', 'emergency', 'take-part', emergency, '--together', 'video');
  assert.equal(standing.code, EXIT.ok, standing.said);
  for (const who of ['ana', 'mei']) {
    const released = await as(who, 'emergency', 'release', emergency, ...words);
    assert.equal(released.code, EXIT.ok, released.said);
  }
  await scene.server.settled();
  const signedIn = await as('ana', 'emergency', 'sign-in', emergency);
  assert.equal(signedIn.code, EXIT.ok, signedIn.said);
});

function codeOf({ out }: { readonly out: readonly string[] }): unknown {
  return JSON.parse(out.join('')).error.code;
}
