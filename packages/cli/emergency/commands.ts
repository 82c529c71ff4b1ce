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
export function emergencyCommand(context: Context): Command {
  const root = new Command('emergency').description(
    'declare, authorise, open, use, end, review and close',
  );
  const group = within(context, root);
  addDeclaration(group);
  addLooking(group);
  addAuthorisation(group);
  addOpening(group);
  addUse(group);
  addAftermath(group);
  addReview(group, { draft: 'review-draft', sign: 'review' });
  addMakingGood(group);
  addTrouble(group);
  return root;
}

/** `halligan review …`: two of them by the name that somebody looks for whose only part is to review. */
export function reviewCommand(context: Context): Command {
  const review = new Command('review').description('the review of an emergency: write it, sign it');
  addReview(within(context, review), { draft: 'draft', sign: 'sign' });
  return review;
}

/** `halligan drill …`: a drill is run, and looked back on. */
export function drillCommands(context: Context): Command {
  const drill = drillHistoryCommands(context);
  drill.addCommand(
    drillCommand(context, (result, ...lines) => show(context.terminal, result, lines)),
  );
  return drill;
}

function within(context: Context, parent: Command): EmergencyGroup {
  const { terminal } = context;
  return {
    context,
    terminal,
    add: (name, description) => {
      const command = new Command(name).description(description);
      parent.addCommand(command);
      return command;
    },
    done: (result, ...lines) => show(terminal, result, lines),
  };
}
