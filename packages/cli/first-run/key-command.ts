import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HalliganError, utf8Text } from '@halligan/format';
import { identityFromRecoveryWords, recoveryWords } from '@halligan/seal';
import { validateWords } from '@halligan/slip39';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { PersonHome } from '../person-home.ts';
import { cardWords } from './card.ts';
import { renewCommand } from './key-renewal.ts';
import { agentKeyOption, newPassphrase, settleKeys, signingKeys } from './own-keys.ts';
import { recipientsOption } from './own-person-commands.ts';
import { personId } from './person-id.ts';

/** `halligan key words` and `halligan key restore`: a person's key on paper, and back. */
export function keyCommand(context: Context): Command {
  const { terminal } = context;
  const key = new Command('key').description('your own key: its recovery words, and the way back');
  key
    .command('words')
    .description('show the recovery words of your key, to be written on paper')
    .action(async () => {
      const home = await context.home();
      const { person, organisation } = home.facts;
      const secret = async () => {
        const { identity } = await home.keys(() => terminal.askSecret('Passphrase of your key:'));
        return [
          `RECOVERY WORDS of ${person} (${organisation}). They are a whole key.`,
          'Write them on paper, by hand. Nobody ever needs them to open a seal.',
          '',
          ...numbered(recoveryWords(identity).split(' ')),
        ];
      };
      await terminal.showSecret(secret);
      show(terminal, { shown: true }, [
        'Put the paper where only you get at it. To try it: halligan key restore, on another device.',
      ]);
    });
  key
    .command('confirm')
    .description('read your recovery words back from the paper: are they those of your key?')
    .option('--words-file <file>', 'read the words from a file; destroy it afterwards')
    .action(async ({ wordsFile }: { wordsFile?: string }) => {
      const home = await context.home();
      const { identity } = await home.keys(() => terminal.askSecret('Passphrase of your key:'));
      const words =
        wordsFile === undefined
          ? await terminal.askSecret('The 33 recovery words, with spaces between:', 'words')
          : utf8Text(await context.readFile(wordsFile)).trim();
      const kinds = ['hybrid', 'x25519'] as const;
      if (!kinds.some((kind) => identityFromRecoveryWords(words, kind) === identity))
        throw new HalliganError(
          'cli.other-key',
          'These are the recovery words of another key.',
          'Write the right ones: halligan key words. Mark the other paper.',
        );
      await home.confirmWords(new Date().toISOString());
      show(terminal, { confirmed: true }, [
        'The paper is right. Put it where only you get at it. Next: halligan doctor',
      ]);
    });
  key
    .command('restore')
    .description('the key from its recovery words: for a lost device, or a forgotten passphrase')
    .option('--id <person>', 'your id, where this device has no keys of yours')
    .addOption(recipientsOption())
    .addOption(agentKeyOption())
    .option('--words-file <file>', 'read the words from a file; destroy it afterwards')
    .action(
      async (asked: {
        id?: string;
        recipients: 'hybrid' | 'x25519';
        agentKey: readonly string[];
        wordsFile?: string;
      }) => {
        const organisation = context.organisation();
        const folder = context.personFolder(organisation);
        const known = existsSync(join(folder, 'person.json'))
          ? await PersonHome.open(folder)
          : undefined;
        const words =
          asked.wordsFile === undefined
            ? await terminal.askSecret('The 33 recovery words, with spaces between:')
            : utf8Text(await context.readFile(asked.wordsFile));
        requireIntact(words);
        if (known !== undefined) {
          await known.replacePassphrase(
            (kind) => identityFromRecoveryWords(words, kind),
            () => newPassphrase(terminal),
          );
          show(terminal, { restored: known.facts.person, newSigningKey: false }, [
            `The key of ${known.facts.person} has a new passphrase. Nobody else has to do anything.`,
          ]);
          return;
        }
        const person = personId(asked.id ?? (await terminal.ask('Your id (--id):')));
        const identity = identityFromRecoveryWords(words, asked.recipients);
        const keys = { identity, ...(await signingKeys(context, asked.agentKey)) };
        const { card } = await settleKeys(terminal, folder, { organisation, person }, keys);
        show(
          terminal,
          { restored: person, newSigningKey: true, card, cardWords: cardWords(card) },
          [
            `The key of ${person} is back: what is sealed to it opens again. The signing key was lost with the device; a new one was made.`,
            `Card words: ${cardWords(card).join(' ')}`,
            'Next: halligan person card --out FILE; an admin runs halligan person rekey FILE. Then halligan join.',
          ],
        );
      },
    );
  key.addCommand(renewCommand(context));
  return key;
}

/** Says where to look on the paper; never what the word should have been. */
function requireIntact(words: string): void {
  const verdict = validateWords(words);
  if (verdict.kind === 'intact') return;
  const hint = 'Look at the paper again, and type them once more. Nothing was written.';
  if (verdict.kind === 'length')
    throw new HalliganError(
      'cli.recovery-words',
      `There are ${verdict.count} words; a key has 33.`,
      hint,
    );
  const numbers =
    verdict.kind === 'checksum' ? verdict.suspects : verdict.unknown.map(({ number }) => number);
  const which =
    numbers.length === 0
      ? 'More than one word is wrong'
      : `Word ${numbers.join(' or ')} ${verdict.kind === 'checksum' ? 'looks wrong' : 'is not on the list'}`;
  throw new HalliganError('cli.recovery-words', `${which}.`, hint);
}

/** Three columns with numbers: people write and check words by their numbers. */
function numbered(words: readonly string[]): readonly string[] {
  const rows = Math.ceil(words.length / 3);
  const cell = (at: number) =>
    words[at] === undefined ? '' : `${String(at + 1).padStart(2)} ${words[at].padEnd(12)}`;
  return Array.from({ length: rows }, (_, row) =>
    [row, row + rows, row + 2 * rows].map(cell).join('').trimEnd(),
  );
}
