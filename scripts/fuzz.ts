/**
 * `npm run fuzz -- --inputs 1000000 --seed 7`: gives everything that reads what comes from elsewhere what an adversary
 * makes of a good one. Exit code 0 only if all of it was read, or refused with a code and a hint; what was not is printed,
 * made small, with the seed that makes it again.
 */
import { parseArgs } from 'node:util';
import { READINGS } from './hostile/readings.ts';

/** Of one reader after the other; a slow one takes fewer. */
const AT_ONCE = 500;
const AT_ONCE_SLOWLY = 5;

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const wanted = Number(values.inputs);
const seed = Number(values.seed);
if (!Number.isInteger(wanted) || wanted < 1 || !Number.isInteger(seed)) {
  console.error('error: --inputs and --seed take whole numbers.');
  process.exit(2);
}

const began = performance.now();
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
const seconds = ((performance.now() - began) / 1000).toFixed(1);
console.log(
  `${inputs} inputs to ${tried.size} readers, ${failures.length} neither read nor refused (seed ${seed}, ${seconds} s)`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
