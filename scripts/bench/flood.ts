/** Machines that send what they were given, in a thread of its own: `workerData` says to whom, what, and how fast. */
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

/** What a flood is told. */
export interface Flood {
  readonly url: string;
  /** Each sends its batches in order, one after the other was answered. */
  readonly machines: readonly { readonly id: string; readonly batches: readonly Uint8Array[] }[];
  /** Milliseconds from one batch of a machine to its next; as fast as it goes where 0. */
  readonly every: number;
}

/** What it says at the end: milliseconds in all, and of each answer. */
export interface Flooded {
  readonly took: number;
  readonly answers: readonly number[];
}

const { url, machines, every }: Flood = workerData;
const agent = new Agent({ keepAlive: true, maxSockets: machines.length });
const answers: number[] = [];
const began = performance.now();
await Promise.all(
  machines.map(async ({ id, batches }, machine) => {
    for (const [at, batch] of batches.entries()) {
      // Not all at one moment: ten thousand machines do not agree on one.
      const due = began + every * (at + machine / machines.length);
      if (every > 0 && due > performance.now()) await pause(due - performance.now());
      const sent = performance.now();
      const status = await post(new URL(`/v1/machines/${id}/reports`, url), batch);
      if (status !== 201) throw new Error(`a batch was answered with ${status}`);
      answers.push(performance.now() - sent);
    }
  }),
);
const flooded: Flooded = { took: performance.now() - began, answers };
parentPort?.postMessage(flooded);
agent.destroy();

function post(to: URL, body: Uint8Array): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(body.length),
  };
  const sending = request(to, { method: 'POST', agent, headers }, (answer) => {
    answer.resume();
    answer.on('end', () => resolve(answer.statusCode ?? 0));
  });
  sending.on('error', reject);
  sending.end(body);
  return promise;
}
