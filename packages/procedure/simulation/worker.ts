/** A thread of a simulation: plays the rounds that it is told to. */
import { parentPort } from 'node:worker_threads';
import { z } from 'zod';
import { playRound } from './round.fixture.ts';

const order = z.strictObject({ seed: z.number(), number: z.number() });

parentPort?.on('message', async (message: unknown) => {
  const { seed, number } = order.parse(message);
  const tell = (line: string) => parentPort?.postMessage({ line });
  try {
    parentPort?.postMessage(await playRound(seed, number, tell));
  } catch (cause) {
    const broken = cause instanceof Error ? cause.message : String(cause);
    parentPort?.postMessage({ broken: `round ${number}: ${broken}` });
  }
});
