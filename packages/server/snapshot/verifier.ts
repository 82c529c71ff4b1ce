/**
 * The verifier: a short-lived child of a server that started from a snapshot. It reads the journal beside the server,
 * verifies every entry and checkpoint, folds all of it, and says what it came to at the snapshot's size. It has its own
 * memory, and needs no key.
 */
import { eventsOf } from '@halligan/evidence';
import { HalliganError } from '@halligan/format';
import { readJournal } from '@halligan/journal';
import { EMPTY, evolve, streamOf } from '@halligan/procedure';
import { digestOfFolded } from './snapshot.ts';

const [, , folder = '', verifier = '', upTo = '0', root = ''] = process.argv;
const size = Number(upTo);

try {
  const journal = await readJournal(folder, verifier, { size, root: Uint8Array.fromHex(root) });
  let state = EMPTY;
  const streams = new Map<string, number[]>();
  let last = '';
  for await (const { index, group } of journal.read(0, size)) {
    const events = eventsOf(index, group.events);
    state = events.reduce(evolve, state);
    last = events[0]?.at ?? last;
    for (const stream of new Set(events.map(streamOf))) {
      const indices = streams.get(stream);
      if (indices === undefined) streams.set(stream, [index]);
      else indices.push(index);
    }
  }
  await journal.close();
  const digest = digestOfFolded({ size, last, state, streams });
  console.log(JSON.stringify({ digest }));
} catch (cause) {
  if (!(cause instanceof HalliganError)) throw cause;
  const { code, message, hint } = cause;
  console.log(JSON.stringify({ error: { code, message, hint } }));
}
