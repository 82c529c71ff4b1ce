/** A thread that fails its journal, in the way that it is told. */
import { parentPort, workerData } from 'node:worker_threads';
import { hashRange } from './hashed-range.ts';

const port = parentPort;
if (port === null) throw new Error('this thread is started by a test');

const fail = () => {
  throw new Error('out of memory, say');
};
const end = () => process.exit(0);
const onceAsked = (act: () => void) => () => port.on('message', act);
const part = { ...hashRange([], [], 0, 0), to: 2, levels: [new Uint8Array(32)] };

const FAULTS = new Map<unknown, () => void>([
  ['ends', end],
  ['throws', fail],
  ['ends when asked', onceAsked(end)],
  ['throws when asked', onceAsked(fail)],
  ['hands back no range', onceAsked(() => port.postMessage({ from: 0 }))],
  ['hands back a part of a range', onceAsked(() => port.postMessage(part))],
]);
FAULTS.get(workerData)?.();
