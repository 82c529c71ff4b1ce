/**
 * The server is killed like by a power cut, at moments of a whole emergency, and started again: nothing that was
 * acknowledged is lost, what was under way goes on, and the evidence verifies. `HALLIGAN_KILLS=all` kills it after
 * every kind of event.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { groupOf } from '@halligan/evidence';
import { readJournal } from '@halligan/journal';
import { logKeysOf } from '@halligan/tlog';
import { PersonHome } from './person-home.ts';
import { runDrill } from './practice/drill.ts';
import { Narrator } from './practice/narrator.ts';
import { foundPractice, furnish, practicePolicy } from './practice/organisation.ts';
import { PEOPLE, personFolder } from './practice/people.ts';
import { startTarget } from './practice/targets.ts';
import { filesBelow } from './practice-home.fixture.ts';
import { type Relay, startRelay } from './relay.fixture.ts';
import { program } from './run.fixture.ts';
import { StubbornPeople } from './stubborn-people.fixture.ts';

/** The moments of an organisation's first rotations and of one drill, in the order in which they come. */
const moments = (system: string): readonly string[] => [
  // The first rotation of one account, and then of the other.
  'journaled CredentialSealed',
  'journaled AccountArmed',
  `set ${system}`,
  // The drill.
  'stored 2',
  'journaled EmergencyDeclared',
  'journaled ShareReleased',
  'journaled ShareReleased 2',
  'journaled CredentialKitted',
  'journaled EmergencyReset',
  'journaled EmergencyClosed',
];

/** Every other kind of event, and more blobs. One rotation is cut short once: after two failures people decide. */
const others = (system: string): readonly string[] => [
  'journaled EmergencyApproved',
  'journaled PartTaken',
  'journaled OpeningRequested',
  'journaled VersionTouched',
  'journaled NoteAdded',
  'journaled NoteAdded 2',
  'journaled EmergencyEnded',
  'journaled CredentialSealed',
  'journaled RecordSigned',
  'journaled RecordSubmitted',
  'journaled ReviewSigned',
  'journaled ReviewSigned 2',
  'stored 1',
  'journaled OpeningRequested',
  `set ${system}`,
  'journaled ShareReleased 2',
  'journaled CredentialExercised',
  'stored 3',
  'journaled CredentialProven',
  'journaled EmergencyClosed',
];

/** Runs the first rotations, and drills until the server was killed at each of these moments. */
async function survive(choose: (system: string) => readonly string[]) {
  const root = mkdtempSync(join(tmpdir(), 'halligan-kills-'));
  const relay = await startRelay();
  try {
    await foundPractice(root, 'x25519');
    for (const id of Object.keys(PEOPLE))
      await (await PersonHome.open(personFolder(root, id))).learn({ url: relay.url });
    const { target } = await startTarget(root, 'practice');
    const wanted = choose(target.address);
    const people = await StubbornPeople.start(root, relay, wanted);
    let drills = 0;
    try {
      await furnish(root, people, target, practicePolicy('x25519'));
      for (let before = -1; people.killed.length > before; drills += 1) {
        if (people.killed.length === wanted.length && drills > 0) break;
        before = people.killed.length;
        await runDrill(root, people, target, new Narrator(() => undefined));
      }
    } finally {
      await people.stop();
    }
    assert.deepEqual(people.killed, wanted);
    await nothingIsLost(root, relay);
    const packs = filesBelow(join(root, 'evidence')).filter((path) => path.endsWith('.zip'));
    assert.equal(packs.length, drills);
    for (const pack of packs) {
      const trust = ['--trust', join(root, 'log.pub')];
      const { code, out, err } = await program('halligan.ts', ['verify', pack, ...trust]);
      assert.equal(code, 0, out + err);
    }
  } finally {
    await relay.close();
    rmSync(root, { recursive: true });
  }
}

/** Everything that was answered with 201 is in the journal, in the order of the answers. */
async function nothingIsLost(root: string, { acknowledged }: Relay): Promise<void> {
  const { classical } = logKeysOf(readFileSync(join(root, 'log.pub'), 'utf8').trim());
  const journal = await readJournal(join(root, 'journal'), classical);
  const places = new Map<string, number>();
  for await (const { index, bytes } of journal.read(0))
    for (const { id } of groupOf(index, bytes).events) places.set(id, index);
  await journal.close();
  assert.ok(acknowledged.length > 15);
  const found = acknowledged.map((id) => places.get(id) ?? -1);
  assert.ok(!found.includes(-1), 'an acknowledged event is not in the journal');
  assert.deepEqual(
    found,
    found.toSorted((a, b) => a - b),
  );
}

test('a server that is killed again and again loses nothing, and the drill is completed', async () => {
  await survive(moments);
});

if (process.env.HALLIGAN_KILLS === 'all') {
  test('nor does one that is killed at every other moment', async () => {
    await survive((system) => [...moments(system), ...others(system)]);
  });
}
