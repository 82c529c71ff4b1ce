import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { addAftermath } from './aftermath-commands.ts';
import { addAuthorisation } from './authorisation-commands.ts';
import { addDeclaration, drillCommand } from './declaration-commands.ts';
import { drillHistoryCommands } from './drill-history-commands.ts';
import type { EmergencyGroup } from './group.ts';
import { addLooking } from './looking-commands.ts';
import { addMakingGood } from './making-good-commands.ts';
import { addOpening } from './opening-commands.ts';
import { addReview } from './review-commands.ts';
import { addTrouble } from './trouble-command.ts';
import { addUse } from './use-commands.ts';

/** `halligan emergency …`: the whole procedure from the declaration to the close. */
export function emergencyCommands(context: Context): readonly Command[] {
  const { terminal } = context;
  const root = new Command('emergency').description(
    'declare, authorise, open, use, end, review and close',
  );
  const within = (parent: Command): EmergencyGroup => ({
    context,
    terminal,
    add: (name, description) => {
      const command = new Command(name).description(description);
      parent.addCommand(command);
      return command;
    },
    done: (result, ...lines) => show(terminal, result, lines),
  });
  const group = within(root);
  addDeclaration(group);
  addLooking(group);
  addAuthorisation(group);
  addOpening(group);
  addUse(group);
  addAftermath(group);
  addReview(group, { draft: 'review-draft', sign: 'review' });
  addMakingGood(group);
  addTrouble(group);
  // The same two by the name that somebody looks for whose only part is to review.
  const review = new Command('review').description('the review of an emergency: write it, sign it');
  addReview(within(review), { draft: 'draft', sign: 'sign' });
  const drill = drillHistoryCommands(context);
  drill.addCommand(drillCommand(context, group.done));
  return [root, review, drill];
}
