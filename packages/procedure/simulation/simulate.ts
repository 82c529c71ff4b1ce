/**
 * Makes up organisations, people who do what is due and people who try whatever comes to their minds, and holds the
 * procedure to its promises: `npm run simulate -- --emergencies 10000 --seed 1`. A broken promise is shown with the
 * shortest list of steps that breaks it.
 */
import { parseArgs } from 'node:util';
import { simulate } from './campaign.fixture.ts';

const { values } = parseArgs({
  options: {
    emergencies: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
  },
});
const began = Date.now();
const report = await simulate({
  emergencies: Number(values.emergencies),
  seed: Number(values.seed),
  tell: (line) => console.error(line),
});
console.log(report.lines.join('\n'));
console.log(`in ${Math.round((Date.now() - began) / 1000)} s`);
