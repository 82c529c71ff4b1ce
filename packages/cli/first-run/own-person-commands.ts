import { generateIdentity, type RecipientKind } from '@halligan/seal';
import { Command, Option } from 'commander';
import { type Context, show } from '../commands.ts';
import { type Card, cardFile, cardWords } from './card.ts';
import { agentKeyOption, ownCard, requireNoHome, settleKeys, signingKeys } from './own-keys.ts';
import { personId } from './person-id.ts';

/** `halligan person new` and `halligan person card`: a person's own keys and card, on their own device. */
export function ownPersonCommands(context: Context): readonly Command[] {
  return [newCommand(context), cardCommand(context)];
}

function newCommand(context: Context): Command {
  return new Command('new')
    .description('make your keys on this device, before an organisation exists')
    .requiredOption('--id <person>', 'your id: a-z, 0-9 and -')
    .addOption(recipientsOption())
    .addOption(agentKeyOption())
    .option('--card <file>', 'write your public card there')
    .action(
      async (asked: {
        id: string;
        recipients: RecipientKind;
        agentKey: readonly string[];
        card?: string;
      }) => {
        const organisation = context.organisation();
        const person = personId(asked.id);
        const folder = context.personFolder(organisation);
        requireNoHome(folder);
        const signing = await signingKeys(context, asked.agentKey);
        const keys = { identity: generateIdentity(asked.recipients), ...signing };
        const { card } = await settleKeys(context.terminal, folder, { organisation, person }, keys);
        if (asked.card !== undefined) await context.writeFile(asked.card, cardFile(card));
        showCard(context, card, asked.card, [
          `Your keys are in ${folder}, behind your passphrase.`,
          `Next: halligan key words --org ${organisation}, and write the 33 words on paper: they are the way back.`,
        ]);
      },
    );
}

function cardCommand(context: Context): Command {
  return new Command('card')
    .description('your own public card, and its words for an admin to compare')
    .option('--out <file>', 'write the card there')
    .action(async ({ out }: { out?: string }) => {
      const card = await ownCard(context.terminal, await context.home());
      if (out !== undefined) await context.writeFile(out, cardFile(card));
      showCard(context, card, out, []);
    });
}

function showCard(
  { terminal }: Context,
  card: Card,
  file: string | undefined,
  next: readonly string[],
): void {
  const words = cardWords(card);
  show(terminal, { card, cardWords: words, ...(file === undefined ? {} : { file }) }, [
    `Card of ${card.id}${file === undefined ? '' : `: ${file}`}`,
    `Card words: ${words.join(' ')}`,
    'Read them to the admin who takes your card, by voice.',
    ...next,
  ]);
}

/** The flag for the kind of age keys: one kind an organisation. */
export function recipientsOption(): Option {
  return new Option('--recipients <kind>', 'the organisation’s kind of age keys')
    .choices(['hybrid', 'x25519'])
    .default('hybrid');
}
