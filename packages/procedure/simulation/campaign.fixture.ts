import fc from 'fast-check';
import type { EventType, StoredInput } from '../index.ts';
import { type Step, stepsOf } from '../practice/random-people.fixture.ts';
import { Simulation } from './simulation.fixture.ts';
import { UNSIGNED } from './unsigned-pen.fixture.ts';
import { WORLDS, worldOf } from './world.fixture.ts';

/** Runs of one round: the count is looked at in between. */
const ROUND = 50;

export interface Report {
  readonly runs: number;
  readonly emergencies: number;
  /** How often each type of event happened. */
  readonly happened: ReadonlyMap<EventType, number>;
  readonly lines: readonly string[];
}

/**
 * Simulates until so many emergencies were declared, each brought to its close.
 * @throws where a promise is broken: the seed and the shortest steps that break it
 */
export async function simulate({
  emergencies,
  seed,
  tell = () => {},
}: {
  readonly emergencies: number;
  readonly seed: number;
  readonly tell?: (line: string) => void;
}): Promise<Report> {
  const happened = new Map<EventType, number>();
  let declared = 0;
  let runs = 0;
  for (let round = 0; declared < emergencies; round += 1) {
    const rounds = fc.sample(
      fc.tuple(fc.nat(WORLDS - 1), stepsOf({ minLength: 20, maxLength: 60 })),
      {
        numRuns: ROUND,
        seed: seed * 1_000_003 + round,
      },
    );
    for (const [world, steps] of rounds) {
      if (declared >= emergencies) break;
      const simulation = await kept(world, steps, tell);
      runs += 1;
      declared += simulation.emergencies;
      for (const { events } of simulation.org.history)
        for (const { type } of events) happened.set(type, (happened.get(type) ?? 0) + 1);
    }
    tell(`${declared} emergencies in ${runs} organisations`);
  }
  const counts = [...happened].sort(([, a], [, b]) => b - a);
  return {
    runs,
    emergencies: declared,
    happened,
    lines: [
      ...counts.map(([type, count]) => `${String(count).padStart(8)} ${type}`),
      `${declared} emergencies in ${runs} runs kept every promise (seed ${seed})`,
    ],
  };
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
