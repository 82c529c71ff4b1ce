/**
 * Makes up organisations, people who do what is due and people who try whatever comes to their minds, and holds the
 * procedure to its promises: `npm run simulate -- --emergencies 10000 --seed 1`. A broken promise is shown with the
 * shortest list of steps that breaks it.
 */
import { parseArgs } from 'node:util';
import { simulate } from './campaign.fixture.ts';

/** Emergencies from which on every attack, way and promise must have occurred. */
const ENOUGH = 1000;

const { values } = parseArgs({
  options: {
    emergencies: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string' },
  },
});
const began = Date.now();
const report = await simulate({
  emergencies: Number(values.emergencies),
  seed: Number(values.seed),
  ...(values.workers === undefined ? {} : { workers: Number(values.workers) }),
  tell: (line) => console.error(line),
});
console.log(report.lines.join('\n'));
// Fewer than these may not come to everything.
if (report.emergencies >= ENOUGH && report.missing.length > 0) {
  console.error(`never occurred, so that it shows nothing: ${report.missing.join('; ')}`);
  process.exitCode = 1;
}
console.log(`in ${Math.round((Date.now() - began) / 1000)} s`);
