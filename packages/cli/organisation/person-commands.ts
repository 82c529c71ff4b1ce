import { HalliganError, type Json } from '@halligan/format';
import { linkDigest, type RosterChange, type RosterLink } from '@halligan/statement';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { compareCard, comparedCard, rolesFrom, waitingCards } from '../first-run/admission.ts';
import { cardWords, readCard } from '../first-run/card.ts';
import { ownPersonCommands } from '../first-run/own-person-commands.ts';
import { contactsCommand } from './alert-commands.ts';
import { personEntryCommands } from './person-entry-commands.ts';
import { removalCommand } from './person-removal.ts';
import { send, signProposal } from './proposal.ts';

/** `halligan person …`: who people are. */
export function personCommands(context: Context): Command {
  const { terminal } = context;
  const person = new Command('person').description('who people are');
  for (const command of ownPersonCommands(context)) person.addCommand(command);
  person.addCommand(contactsCommand(context));
  person
    .command('list')
    .description('who is on the roster, with roles and groups')
    .action(async () => {
      const { state } = await (await context.device()).prove();
      const members = state.roster?.members ?? [];
      show(terminal, { members, groups: state.roster?.groups ?? {} }, [
        ...members.map(
          (one) => `${one.id.padEnd(20)} ${one.kind.padEnd(8)} ${one.roles.join(', ')}`,
        ),
        ...Object.entries(state.roster?.groups ?? {}).map(
          ([name, ids]) => `group ${name}: ${ids.join(', ')}`,
        ),
      ]);
    });
  person
    .command('waiting')
    .description('who asks to join')
    .action(async () => {
      const waiting = await waitingCards(await context.device());
      show(
        terminal,
        { waiting: waiting.map((card) => ({ ...card, cardWords: cardWords(card) })) },
        waiting.length === 0
          ? ['Nobody waits.']
          : waiting.map((card) => `${card.id.padEnd(20)} ${cardWords(card).join(' ')}`),
      );
    });
  person
    .command('admit')
    .description('admit somebody who joined, after comparing the card’s words with them by voice')
    .argument('<person>', 'their id')
    .requiredOption('--roles <roles>', 'separated by commas')
    .option('--words <words>', 'the card words, as the person read them to you')
    .option('--proposal <file>', 'write it for another admin to sign, instead of sending it')
    .action(async (id: string, asked: { roles: string; words?: string; proposal?: string }) => {
      const card = await comparedCard(terminal, await context.device(), id, asked.words);
      const member = { ...card, roles: rolesFrom(asked.roles) };
      await changeRoster(context, { do: 'admit', member }, asked.proposal);
    });
  person
    .command('roles')
    .description('give somebody other roles')
    .argument('<person>', 'their id')
    .requiredOption('--roles <roles>', 'separated by commas; all that the person has afterwards')
    .option('--proposal <file>', 'write it for another admin to sign, instead of sending it')
    .action((id: string, asked: { roles: string; proposal?: string }) =>
      changeRoster(
        context,
        { do: 'amend', person: id, roles: rolesFrom(asked.roles) },
        asked.proposal,
      ),
    );
  person
    .command('rekey')
    .description('give a person the keys of a new card, after comparing its words by voice')
    .argument('<card>', 'the file of the new card')
    .option('--words <words>', 'the card words, as the person read them to you')
    .option('--proposal <file>', 'write it for another admin to sign, instead of sending it')
    .action(async (path: string, asked: { words?: string; proposal?: string }) => {
      const card = await readCard(await context.readFile(path), path);
      await compareCard(terminal, card, asked.words);
      const { id, signing, recipient, recipientSignature } = card;
      await changeRoster(
        context,
        { do: 'rekey', person: id, signing, recipient, recipientSignature },
        asked.proposal,
      );
    });
  person
    .command('group')
    .description('say who belongs to a group that holds shares')
    .argument('<group>', 'the group')
    .argument('<people...>', 'everybody in it from now on')
    .option('--proposal <file>', 'write it for another admin to sign, instead of sending it')
    .action((name: string, members: readonly string[], asked: { proposal?: string }) =>
      changeRoster(context, { do: 'group', name, members }, asked.proposal),
    );
  person.addCommand(removalCommand(context));
  person
    .command('sign')
    .description('sign another admin’s proposal and send it')
    .argument('<file>', 'the other admin’s proposal, as a file')
    .action((path: string) => signProposal(context, path));
  for (const command of personEntryCommands(context)) person.addCommand(command);
  return person;
}

async function changeRoster(
  context: Context,
  change: RosterChange,
  proposal: string | undefined,
): Promise<void> {
  const device = await context.device();
  const proven = await device.prove();
  const { roster } = proven.state;
  if (roster === undefined)
    throw new HalliganError('server.not-set-up', 'There is no roster yet.', 'Run halligan init.');
  const link: RosterLink = {
    v: 'halligan/roster/v1',
    number: roster.number + 1,
    previous: roster.digest,
    change,
  };
  const signed = await device.sign(proven, 'roster.change', {
    subject: linkDigest(link),
    purpose: 'real',
  });
  await send(
    context,
    { kind: 'roster.change', document: link as unknown as Json, signed: [signed] },
    proposal,
  );
}
