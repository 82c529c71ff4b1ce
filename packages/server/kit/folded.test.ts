import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Transcript, transcriptOf } from '@halligan/evidence';
import { Clock } from '../clock/clock.ts';
import { addSystem, contoso, upon } from '../contoso.fixture.ts';
import { serverHome } from '../home.ts';
import { Leader } from '../leader.ts';
import { leavingBy } from '../leaving.ts';
import { Folded } from './folded.ts';

const organisation = await contoso();
after(() => organisation.remove());

test('a record that goes on, one that is shorter and one of another are folded as from the beginning', async () => {
  const journal = await organisation.openJournal();
  try {
    const leave = await leavingBy(serverHome(organisation.root));
    const leader = await Leader.open(journal, new Clock(), leave);
    const look = async () => transcriptOf((await leader.view(['organisation'], 0)).transcript);
    const first = await look();
    await leader.submit(await addSystem(organisation.people.dana, 'directory', upon(leader)));
    await leader.submit(await addSystem(organisation.people.dana, 'mail', upon(leader)));
    const later = await look();
    const other: Transcript = {
      ...later,
      entries: later.entries.filter((_, at) => at !== first.entries.length),
    };
    const folded = new Folded();
    const states = [first, later, later, other, first].map((record) => {
      const state = folded.of(record);
      assert.deepEqual(state, new Folded().of(record));
      return Object.keys(state.systems);
    });
    assert.deepEqual(states, [[], ['directory', 'mail'], ['directory', 'mail'], ['mail'], []]);
  } finally {
    await journal.close();
  }
});
