import { availableParallelism } from 'node:os';
import { PROMISES } from '../practice/invariants.fixture.ts';
import { ATTACKS } from './attacks.fixture.ts';
import { linesOf } from './report.fixture.ts';
import { playRound, type Round } from './round.fixture.ts';
import { Tally } from './tally.fixture.ts';
import { WAYS } from './ways.fixture.ts';
import { RoundWorker } from './worker-thread.fixture.ts';

export interface Report {
  readonly runs: number;
  readonly emergencies: number;
  /** How often each type of event happened. */
  readonly happened: ReadonlyMap<string, number>;
  /** Attacks, ways and promises that never occurred: with many emergencies there must be none. */
  readonly missing: readonly string[];
  readonly lines: readonly string[];
}

/**
 * Simulates until so many emergencies were declared, each brought to its close. The report is the same however many
 * workers there are: rounds count in their order, and what was done beyond the last one is thrown away.
 * @param workers threads; 1 works in this one
 * @throws where a promise is broken: the seed and the fewest steps that break it, of the first such round
 */
export async function simulate({
  emergencies,
  seed,
  workers = availableParallelism(),
  tell = () => {},
}: {
  readonly emergencies: number;
  readonly seed: number;
  readonly workers?: number;
  readonly tell?: (line: string) => void;
}): Promise<Report> {
  const tally = new Tally();
  let declared = 0;
  let runs = 0;
  for await (const round of roundsInOrder(seed, workers, tell)) {
    declared += round.emergencies;
    runs += round.runs;
    tally.take(round.counts);
    tell(`${declared} emergencies in ${runs} organisations`);
    if (declared >= emergencies) break;
  }
  const missing = [
    ...Object.keys(ATTACKS).filter(
      (name) => !tally.under(`attack:${name}:`).some(([, times]) => times > 0),
    ),
    ...WAYS.filter((name) => tally.of(`way:${name}`) === 0),
    ...PROMISES.filter((name) => tally.of(`promise:${name}`) === 0),
  ];
  return {
    runs,
    emergencies: declared,
    happened: new Map(tally.under('event:')),
    missing,
    lines: [
      ...linesOf(tally),
      `${declared} emergencies in ${runs} runs kept every promise (seed ${seed})`,
    ],
  };
}

/** Without an end; whoever has enough leaves. */
async function* roundsInOrder(
  seed: number,
  count: number,
  tell: (line: string) => void,
): AsyncGenerator<Round> {
  if (count <= 1) {
    for (let number = 0; ; number += 1) yield await playRound(seed, number, tell);
  }
  const workers = Array.from({ length: count }, () => new RoundWorker(tell));
  try {
    const rounds = new Map<number, Promise<Round>>();
    let next = 0;
    const begin = (worker: RoundWorker): void => {
      const round = worker.play(seed, next);
      rounds.set(next, round);
      next += 1;
      // Another round while this one waits for those before it; a broken promise is seen when its turn comes.
      round.then(
        () => begin(worker),
        () => {},
      );
    };
    for (const worker of workers) begin(worker);
    for (let number = 0; ; number += 1) {
      const round = await rounds.get(number);
      if (round === undefined) throw new Error(`nobody played round ${number}`);
      rounds.delete(number);
      yield round;
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
  }
}
