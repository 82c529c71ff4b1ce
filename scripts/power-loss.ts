/**
 * What `npm run faults -- --power-loss N` starts in a mount namespace of its own: `power-loss.ts N SEED FILE-SYSTEMS
 * VICTIM [DEFECT]`. Exit code 0 only if everything held.
 */
import { powerLoss } from '../packages/cli/faults/power/power-loss.fixture.ts';
import { fileSystemsOf } from '../packages/cli/faults/power/recorded-disk.ts';
import { progress } from './faults-progress.ts';

const [cuts = '', seed = '', names = '', victim = '', defect] = process.argv.slice(2);
const fileSystems = fileSystemsOf(names);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const started = performance.now();
const report = await powerLoss(
  { cuts: Number(cuts), seed, fileSystems, victim, ...(defect === undefined ? {} : { defect }) },
  progress(/^cut \d*0\//),
);
for (const what of report.wrong) console.error(what);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(
  `${report.cuts} power cuts of ${victim} on ${fileSystems.join(', ')}: ${report.acknowledged} acknowledged, ${report.wrong.length} wrong, ${report.repaired} repaired by fsck first (${seconds} s)`,
);
process.exitCode = report.wrong.length === 0 ? 0 : 1;
