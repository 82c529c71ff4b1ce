/**
 * The victim of `faults.ts`: appends to the journal of the folder it is given, from several writers at once, until
 * it is killed, and writes `<index> <leaf hash>` for every entry that was acknowledged. The log's key comes on
 * standard input.
 */
import { randomInt } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { hex } from '@halligan/format';
import { leafHash } from '@halligan/tlog';
import { encodeEntry } from './entry.ts';
import type { EventGroup, Journal } from './journal.ts';
import { openJournal } from './sqlite.ts';

const WRITERS = 8;

const [folder = ''] = process.argv.slice(2);
const journal = await openJournal({
  folder,
  signer: readFileSync(0, 'utf8').trim(),
  ballast: 1 << 20,
});

let size = journal.checkpoint().size;
await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(journal, writer)));

async function write(journal: Journal, writer: number): Promise<void> {
  for (let round = 0; ; round += 1) {
    const groups = Array.from({ length: randomInt(1, 6) }, () => randomGroup(writer, round));
    const first = size;
    size += groups.length;
    await journal.append(groups, first);
    const lines = groups.map((group, at) => `${first + at} ${hex(leafHash(encodeEntry(group)))}\n`);
    // Synchronous, so that nothing acknowledged is still in this process when it dies.
    writeSync(1, lines.join(''));
  }
}

/** Mostly small, sometimes as large as an entry may be, so that kills fall into long writes too. */
function randomGroup(writer: number, round: number): EventGroup {
  const length = randomInt(50) === 0 ? 60_000 : randomInt(1500);
  return { input: { writer, round }, events: [{ text: 'x'.repeat(length), at: randomInt(1e9) }] };
}
