import { Option } from 'commander';
import { type EmergencyGroup, ID, ID_HELP } from './group.ts';
import { abort, addend, end, type NoteAbout, note } from './use.ts';

/** While the credential is used, and its end: `note`, `end`, `addendum`, `abort`. */
export function addUse({ context, add, done }: EmergencyGroup): void {
  add('note', 'write down what was done or seen')
    .argument('<text>')
    .option('--emergency <id>', ID_HELP)
    .addOption(
      new Option('--about <what>')
        .choices(['reveal', 'access', 'baseline', 'action', 'post-change', 'observation'])
        .default('action'),
    )
    .action(async (text: string, asked: { emergency?: string; about: NoteAbout }) => {
      await note(await context.device(), asked.emergency, asked.about, text);
      done({ noted: true }, 'Noted.');
    });
  add('end', 'logged out, done')
    .argument(ID, ID_HELP)
    .action(async (id: string | undefined) => {
      await end(await context.device(), id);
      done(
        { ended: true },
        'Ended. Due now: the record within 2 h, the reset within 1 h. Next: halligan emergency sign.',
      );
    });
  add('addendum', 'correct the record; nothing on it is ever changed')
    .argument('<text>')
    .option('--emergency <id>', ID_HELP)
    .requiredOption('--to <digest>', 'digest of what is corrected')
    .action(async (text: string, asked: { emergency?: string; to: string }) => {
      await addend(await context.device(), asked.emergency, asked.to, text);
      done({ added: true }, 'Added.');
    });
  add('abort', 'give up, with a reason')
    .argument(ID, ID_HELP)
    .requiredOption('--reason <text>')
    .action(async (id: string | undefined, { reason }: { reason: string }) => {
      await abort(await context.device(), id, reason);
      done({ aborted: true }, 'Aborted. What was released stays due: reset, record, verification.');
    });
}
