/** A thread that does with entries in memory what a journal's thread does with those that it reads. */
import { parentPort, workerData } from 'node:worker_threads';
import { hashRange } from '../../packages/journal/hashed-range.ts';
import { hashRanges } from '../../packages/journal/range-threads.ts';
import { type PackedEntries, packedEntries } from './packed-entries.ts';

const port = parentPort;
if (port === null) throw new Error('this thread is started by verification-run.ts');
const packed: PackedEntries = workerData;
hashRanges(port, (from, to) => hashRange(rows(from, to), [], from, to));

function* rows(from: number, to: number) {
  let entry = from;
  for (const bytes of packedEntries(packed, from, to)) {
    yield { entry, bytes, note: null };
    entry += 1;
  }
}
