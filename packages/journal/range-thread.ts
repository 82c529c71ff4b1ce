/** A thread that hashes ranges of a journal, which it opens itself, beside whoever has it open. */
import { parentPort, workerData } from 'node:worker_threads';
import { hashStoredRange } from './hashed-range.ts';
import { JournalFile } from './journal-file.ts';
import { hashRanges } from './range-threads.ts';

const port = parentPort;
if (port === null) throw new Error('this thread is started by who opens a journal');
const file = JournalFile.openToRead(String(workerData));
hashRanges(port, (from, to) => hashStoredRange(file, from, to));
