import fc from 'fast-check';
import type { StoredInput } from '../index.ts';
import { timesHeld } from '../practice/invariants.fixture.ts';
import { type Step, stepsOf } from '../practice/random-people.fixture.ts';
import { Simulation } from './simulation.fixture.ts';
import { Tally } from './tally.fixture.ts';
import { UNSIGNED } from './unsigned-pen.fixture.ts';
import { waysIn } from './ways.fixture.ts';
import { WORLDS, worldOf } from './world.fixture.ts';

/** Organisations of one round: what one worker does at a time. */
const RUNS = 10;

/** What came of a round, as plain as a message between threads has to be. */
export interface Round {
  readonly runs: number;
  readonly emergencies: number;
  readonly counts: readonly (readonly [string, number])[];
}

/**
 * One round of a seed: the same organisations and the same steps, whoever does it and whatever was done before.
 * @throws where a promise is broken, with the fewest steps that break it
 */
export async function playRound(
  seed: number,
  number: number,
  tell: (line: string) => void,
): Promise<Round> {
  const tally = new Tally();
  const before = new Map(timesHeld());
  const all = fc.sample(fc.tuple(fc.nat(WORLDS - 1), stepsOf({ minLength: 30, maxLength: 120 })), {
    numRuns: RUNS,
    seed: seed * 1_000_003 + number,
  });
  let emergencies = 0;
  for (const [world, steps] of all) {
    const simulation = await kept(world, steps, tell);
    emergencies += simulation.emergencies;
    tally.take(simulation.tally.entries());
    const events = simulation.happened.flatMap((one) => one.events);
    for (const { type } of events) tally.add(`event:${type}`);
    for (const way of waysIn(events)) tally.add(`way:${way}`);
  }
  for (const [promise, times] of timesHeld())
    tally.add(`promise:${promise}`, times - (before.get(promise) ?? 0));
  return { runs: all.length, emergencies, counts: tally.entries() };
}

/** As {@link run}. @throws with the fewest steps that break the same promise */
async function kept(
  world: number,
  steps: readonly Step[],
  tell: (line: string) => void,
): Promise<Simulation> {
  try {
    return await run(world, steps);
  } catch (cause) {
    tell(`broken in organisation ${world}: ${messageOf(cause)}; looking for fewer steps`);
    const fewest = await fewer(world, steps, promiseOf(cause));
    throw new Error(
      `${messageOf(cause)}\norganisation ${world}\n${fewest.map((one) => JSON.stringify(one)).join('\n')}`,
      { cause },
    );
  }
}

/** Longest that fewer steps are looked for, milliseconds. */
const PATIENCE = 60_000;

/** Leaves out steps as long as the same promise is broken. */
async function fewer(
  world: number,
  steps: readonly Step[],
  promise: string,
): Promise<readonly Step[]> {
  const until = Date.now() + PATIENCE;
  let fewest = steps;
  for (
    let size = Math.ceil(steps.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  )
    for (let at = 0; at < fewest.length && Date.now() < until; ) {
      const tried = fewest.toSpliced(at, size);
      if (await breaks(world, tried, promise)) fewest = tried;
      else at += size;
    }
  return fewest;
}

async function breaks(world: number, steps: readonly Step[], promise: string): Promise<boolean> {
  try {
    await run(world, steps);
    return false;
  } catch (cause) {
    return promiseOf(cause) === promise;
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function promiseOf(cause: unknown): string {
  return messageOf(cause).split(': ')[0] ?? '';
}

/** One organisation from its founding until everything is closed. */
export async function run(world: number, steps: readonly Step[]): Promise<Simulation> {
  const simulation = new Simulation(await worldOf(world, UNSIGNED), await borrowed(world + 1));
  for (const step of steps) await simulation.take(step);
  await simulation.settle();
  simulation.replays();
  return simulation;
}

const lent = new Map<number, Promise<readonly StoredInput[]>>();

/** What was said in another organisation of the same name and origin, by people of the same names. */
function borrowed(number: number): Promise<readonly StoredInput[]> {
  const world = number % WORLDS;
  const known = lent.get(world) ?? lend(world);
  lent.set(world, known);
  return known;
}

async function lend(world: number): Promise<readonly StoredInput[]> {
  const org = await worldOf(world, UNSIGNED);
  const simulation = new Simulation(org);
  const steps = fc.sample(stepsOf({ minLength: 60, maxLength: 60 }), { numRuns: 1, seed: world });
  for (const step of steps.flat()) await simulation.take(step);
  return org.history.map(({ stored }) => stored);
}
