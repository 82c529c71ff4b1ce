import { offlineJson } from '@halligan/evidence';
import { allEmergencies } from '@halligan/procedure';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { type Merged, mergeSteps, reportUse, unplacedUses } from './merge.ts';
import { jsonOfStep } from './steps.ts';

/** `halligan kit merge`: the server is back, and learns what was done without it. */
export function mergeCommand(context: Context): Command {
  return new Command('merge')
    .description('the server is back: hand it what was done without it, and work with it again')
    .action(async () => {
      const { desk } = await context.kitDevice();
      const device = await context.serverDevice();
      const fold = await desk.fold();
      const record = await desk.record();
      const merged = await mergeSteps(device, fold);
      const unplaced = unplacedUses(fold, merged);
      for (const use of unplaced) await reportUse(device, use, offlineJson(record));
      await desk.end();
      show(
        context.terminal,
        {
          merged: merged.map(jsonOfMerged),
          reported: unplaced,
          emergencies: allEmergencies(fold.state).map((one) => one.id),
        },
        [
          ...merged.map(lineOf),
          ...unplaced.map(
            ({ account, version, rule }) =>
              `REPORTED: ${account}, version ${version}, was used and the record could not take all of it in (${rule}). It is suspect and will be rotated. Tell security.`,
          ),
          'You work with the server again. Next: halligan emergency show, then sign the record.',
        ],
      );
    });
}

function jsonOfMerged({ step, outcome, rule, why }: Merged) {
  return { ...jsonOfStep(step), outcome, ...(rule === undefined ? {} : { rule, why }) };
}

function lineOf(one: Merged): string {
  const { by, kind, at } = jsonOfStep(one.step);
  return `  ${at}  ${by}: ${kind}: ${one.outcome}${one.rule === undefined ? '' : ` (${one.why} [${one.rule}])`}`;
}
