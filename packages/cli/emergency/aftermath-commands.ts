import { recordOf } from '@halligan/procedure';
import { exerciseByHand } from '../by-hand/commands.ts';
import { anyFile } from './file-attachment.ts';
import { look } from './find.ts';
import { awaitExercise, awaitReset, close, signPages, signRecord, submitRecord } from './finish.ts';
import { type EmergencyGroup, ID, ID_HELP } from './group.ts';

/** What is due after the end: `record`, `sign`, `submit`, the reset, the exercise, `close`. */
export function addAftermath({ context, terminal, add, done }: EmergencyGroup): void {
  add('record', 'the record as it stands')
    .argument(ID, ID_HELP)
    .action(async (id: string | undefined) => {
      const { proven, emergency: one } = await look(await context.device(), id);
      terminal.out(JSON.stringify(recordOf(proven.state, one), null, terminal.json ? 0 : 2));
    });
  add('sign', 'sign the record')
    .argument(ID, ID_HELP)
    .option('--page <file...>', 'scans of the pages that both signed on paper, in order', [])
    .action(async (id: string | undefined, { page }: { page: readonly string[] }) => {
      const device = await context.device();
      const scans = await Promise.all(
        page.map(async (path) => anyFile(path, await context.readFile(path))),
      );
      const digest = await (scans.length === 0
        ? signRecord(device, id)
        : signPages(device, id, scans));
      done({ record: digest }, `Signed ${digest.slice(0, 16)}….`);
    });
  add('submit', 'say where the signed record was submitted')
    .argument(ID, ID_HELP)
    .requiredOption('--reference <text>', 'ticket, message or file')
    .action(async (id: string | undefined, { reference }: { reference: string }) => {
      await submitRecord(await context.device(), id, reference);
      done({ submitted: true }, 'Submitted.');
    });
  add('await-reset', 'wait until the credential was reset')
    .argument(ID, ID_HELP)
    .action(async (id: string | undefined) => {
      const { version, old, changes } = await awaitReset(await context.device(), id);
      for (const { is, what, entry } of changes)
        terminal.say(`warning: ${is}, ${what}: ${entry}. Explain it in the review, or end it.`);
      done(
        { version, old, changes },
        `Reset: version ${version} is sealed, set and proven; ${old === 'rejected' ? 'the used one is proven dead' : 'whether the used one is dead, nobody could try'}.`,
      );
    });
  add('exercise-by-hand', 'where no program signs in: do so yourself, with another beside you')
    .argument(ID, ID_HELP)
    .requiredOption('--out <file>', 'what the other person signs: write it here')
    .option('--accepted', 'it signed in, and out again; asked for otherwise', false)
    .action(async (id: string | undefined, asked: { out: string; accepted: boolean }) => {
      const { version } = await exerciseByHand(context, id, asked);
      done(
        { draft: asked.out, version },
        `Written: ${asked.out}. Next: the other person runs halligan account sign-by-hand ${asked.out}.`,
      );
    });
  add('await-exercise', 'wait until the new version was exercised')
    .argument(ID, ID_HELP)
    .action(async (id: string | undefined) => {
      const version = await awaitExercise(await context.device(), id);
      done({ version }, `Exercised: version ${version} opens by quorum and signs in.`);
    });
  add('close', 'close it: nothing is left to do')
    .argument(ID, ID_HELP)
    .action(async (id: string | undefined) => {
      await close(await context.device(), id);
      done({ closed: true }, 'Closed. The account is armed again.');
    });
}
