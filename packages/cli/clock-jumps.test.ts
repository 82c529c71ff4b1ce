/** The server's clock jumps by a day, there and back, while people write at the same time: nothing accepted is lost or out of order. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readJournal } from '@halligan/journal';
import { emergencyById } from '@halligan/procedure';
import { startServer } from '@halligan/server';
import { logKeysOf } from '@halligan/tlog';
import { EXIT } from './exit-codes.ts';
import { type LiveOpening, liveOpening } from './live-opening.fixture.ts';
import { SettableClock } from './settable-clock.fixture.ts';

const DAY = 86_400_000;
const clock = new SettableClock();
let scene: LiveOpening;
before(async () => {
  scene = await liveOpening(undefined, clock.clocks);
});
after(() => scene?.end());

/** Two people note something, while the clock is set. @returns how many notes were accepted */
async function notesDuring(jump: number): Promise<number> {
  const writing = ['ana', 'ben'].map((person) =>
    scene.as(person, 'emergency', 'note', `Clock off by ${clock.off}.`, '--about', 'observation'),
  );
  clock.off += jump;
  const { server } = scene;
  await Promise.all([...writing, server.beat()]);
  await server.settled();
  const notes = await Promise.all(writing);
  return notes.filter(({ code }) => code === EXIT.ok).length;
}

test('a day forward and back under load: every note that was accepted is there, and time never goes back', async () => {
  let accepted = 0;
  for (const jump of [DAY, -DAY, -DAY, DAY]) accepted += await notesDuring(jump);
  assert.equal(accepted, 8);
  const { leader } = scene.server.parts;
  assert.equal(emergencyById(leader.state, scene.emergency)?.notes.length, accepted);
  const instants = await instantsOf(scene.root);
  assert.ok(instants.length > accepted);
  assert.deepEqual(instants.toSorted(), instants);
});

test('a restart by a clock that is a day behind begins where the record ends', async () => {
  const before = scene.server.parts.leader.checkpoint();
  await scene.server.stop();
  clock.off = -DAY;
  const again = await startServer(scene.root, () => undefined, {
    level: 'warning',
    clocks: clock.clocks,
  });
  try {
    assert.ok(again.parts.leader.checkpoint().size >= before.size);
    await again.beat();
    await again.settled();
    const instants = await instantsOf(scene.root);
    assert.deepEqual(instants.toSorted(), instants);
  } finally {
    await again.stop();
  }
});

/** When each event of the record happened, in its order. */
async function instantsOf(root: string): Promise<readonly string[]> {
  const trusted = logKeysOf(readFileSync(join(root, 'log.pub'), 'utf8').trim()).classical;
  const journal = await readJournal(join(root, 'journal'), trusted);
  const entries = await Array.fromAsync(journal.read(0));
  await journal.close();
  return entries.flatMap(({ group }) => group.events.map((event) => String(Object(event).at)));
}
