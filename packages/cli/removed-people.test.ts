/** A second person is taken off the roster in the middle of an emergency: each is told what holds now, by the program that people use. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { hex } from '@halligan/format';
import { storedInputOf } from '@halligan/procedure';
import { linkDigest, makeStatement, type RosterLink, signStatement } from '@halligan/statement';
import { EXIT } from './exit-codes.ts';
import { type LiveOpening, liveOpening } from './live-opening.fixture.ts';
import { personFolder } from './practice/people.ts';
import { recorded } from './tree/recorded.fixture.ts';

let scene: LiveOpening;
before(async () => {
  scene = await liveOpening();
});
after(() => scene?.end());

const as = (person: string, ...argv: readonly string[]) =>
  recorded([...argv, '--json'], {
    HALLIGAN_PERSON_HOME: personFolder(scene.root, person),
    HALLIGAN_HOME: join(scene.root, 'none'),
  });

/** Both admins, and the holders whose group it changes: else it waits 48 hours. */
async function remove(person: string): Promise<void> {
  const { leader } = scene.server.parts;
  const { roster, policy } = leader.state;
  assert.ok(roster !== undefined);
  const { size, root } = leader.checkpoint();
  const link: RosterLink = {
    v: 'halligan/roster/v1',
    number: roster.number + 1,
    previous: roster.digest,
    change: { do: 'remove', person },
  };
  const signed = await Promise.all(
    ['dana', 'raj', 'ana', 'mei'].map(async (by) => {
      const { signing } = await (await scene.device(by)).keys();
      const statement = makeStatement('roster.change', {
        origin: roster.origin,
        subject: linkDigest(link),
        by,
        at: new Date().toISOString(),
        purpose: 'real',
        policy: policy ?? null,
        roster: roster.digest,
        journal: { size, root: hex(root) },
      });
      return signStatement(statement, signing);
    }),
  );
  const taken = await leader.submit(storedInputOf({ type: 'statements', signed, document: link }));
  assert.ok('events' in taken, JSON.stringify(taken));
}

test('who was removed is told so; another custodian stands in, and the emergency goes on', async () => {
  const { emergency, checkWords } = scene;
  const words = ['--check-words', checkWords.join(' ')];
  await remove('ben');
  assert.equal(
    scene.server.parts.leader.state.roster?.members.some(({ id }) => id === 'ben'),
    false,
  );
  const gone = await as('ben', 'emergency', 'release', emergency, ...words);
  assert.deepEqual([gone.code, codeOf(gone)], [EXIT.signIn, 'server.sign-in']);
  assert.match(gone.said, /^hint: .*ask an admin/m);
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
