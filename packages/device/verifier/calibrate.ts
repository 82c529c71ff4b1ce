import { availableParallelism, loadavg } from 'node:os';
import { type GuessCost, guess, LEAST_COST } from './verifier.ts';

/** Milliseconds that a guess should take: a person does not notice them, and whoever guesses does. */
const TARGET = 250;
const MOST_PASSES = 32;

/**
 * What a guess costs on this machine: the least that is allowed, with as many passes more as fit into a quarter of a
 * second. Never less, however slow the machine is.
 * @param measure milliseconds that a guess of this cost takes
 */
export async function calibrate(
  measure: (cost: GuessCost) => Promise<number> = measured,
): Promise<GuessCost> {
  // The first one also pays for fetching memory: the second is what a guess takes.
  await measure(LEAST_COST);
  const took = await measure(LEAST_COST);
  const passes = Math.floor((LEAST_COST.passes * TARGET) / Math.max(1, took));
  return { ...LEAST_COST, passes: Math.min(MOST_PASSES, Math.max(LEAST_COST.passes, passes)) };
}

/** Whether the machine has little to do: measured on a busy one, a guess would be cheap when it is idle. */
export function isIdle(): boolean {
  return (loadavg()[0] ?? 0) < availableParallelism() / 2;
}

async function measured(cost: GuessCost): Promise<number> {
  const began = performance.now();
  await guess(cost);
  return performance.now() - began;
}
