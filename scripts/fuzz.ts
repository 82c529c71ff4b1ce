/**
 * `npm run fuzz -- --inputs 1000000 --seed 7`: gives everything that reads what comes from elsewhere what an adversary
 * makes of a good one. Exit code 0 only if all of it was read, or refused with a code and a hint; what was not is printed,
 * made small, with the seed that makes it again.
 *
 * `npm run fuzz -- --api 100000 --seed 7`: sends so many requests, made from the server's own description of its
 * interface, to a server of the practice organisation, by people of every role and by nobody. Exit code 0 only if every
 * answer is what the description says, nobody was let in who has no right, nothing secret was said, nothing failed, the
 * memory did not grow, and the record holds what was acknowledged and nothing else.
 */
import { parseArgs } from 'node:util';
import { fuzzApi } from './hostile/api/run.ts';
import { READINGS } from './hostile/readings.ts';

/** Of one reader after the other; a slow one takes fewer. */
const AT_ONCE = 500;
const AT_ONCE_SLOWLY = 5;

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    api: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const wanted = Number(values.api ?? values.inputs);
const seed = Number(values.seed);
if (!Number.isInteger(wanted) || wanted < 1 || !Number.isInteger(seed)) {
  console.error('error: --inputs, --api and --seed take whole numbers.');
  process.exit(2);
}

const began = performance.now();
const seconds = () => ((performance.now() - began) / 1000).toFixed(1);
// What a server and its people are children of ends with them.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = (await (values.api === undefined ? fuzzReaders() : fuzzInterface())) ? 0 : 1;

async function fuzzInterface(): Promise<boolean> {
  const { answers, accepted, memory, wrong } = await fuzzApi(wanted, seed, console.log);
  for (const [operation, counts] of answers) {
    const told = [...counts].sort().map(([what, count]) => `${what}: ${count}`);
    console.log(`${operation}\n    ${told.join(', ')}`);
  }
  for (const fault of wrong) console.error(`wrong: ${fault}`);
  const figures = memory.map(({ heap, rss }) => `${heap.toFixed(1)} (${rss.toFixed(0)} resident)`);
  console.log(`memory after each third, MiB: ${figures.join(', ')}`);
  console.log(
    `${wanted} requests to ${answers.size} operations, ${accepted} statements taken in, ${wrong.length} wrong (seed ${seed}, ${seconds()} s)`,
  );
  return wrong.length === 0;
}

async function fuzzReaders(): Promise<boolean> {
  const tried = new Map<string, number>();
  const failures: string[] = [];
  let inputs = 0;
  for (let round = 0; inputs < wanted; round += 1)
    for (const { name, isSlow, tries } of READINGS) {
      if (inputs >= wanted) break;
      const runs = Math.min(isSlow ? AT_ONCE_SLOWLY : AT_ONCE, wanted - inputs);
      try {
        await tries(runs, seed + round);
      } catch (error) {
        failures.push(name);
        console.error(`${name}, --seed ${seed + round}: ${String(error)}`);
      }
      inputs += runs;
      tried.set(name, (tried.get(name) ?? 0) + runs);
    }
  for (const [name, count] of tried) console.log(`${String(count).padStart(9)}  ${name}`);
  console.log(
    `${inputs} inputs to ${tried.size} readers, ${failures.length} neither read nor refused (seed ${seed}, ${seconds()} s)`,
  );
  return failures.length === 0;
}
