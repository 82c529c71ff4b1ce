import { HalliganError, utf8Text } from '@halligan/format';
import { linkDigest } from '@halligan/statement';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { jsonOf } from '../person-home.ts';
import { cardDigest, cardWords } from './card.ts';
import { compareWords, wordsOfDigest } from './compared-words.ts';
import { type Genesis, genesisFrom, signatureFile, signGenesis } from './genesis-signature.ts';
import { ownCard } from './own-keys.ts';

/** `halligan genesis sign`: an admin signs the organisation's beginning, on their own device. */
export function genesisCommand(context: Context): Command {
  const { terminal } = context;
  const genesis = new Command('genesis').description('the organisation’s beginning');
  genesis
    .command('sign')
    .description('sign the genesis that halligan init wrote, on your own device')
    .argument('<genesis>', 'genesis.json')
    .requiredOption('--out <file>', 'write your signature there')
    .option('--words <words>', 'the genesis words that halligan init printed')
    .action(async (path: string, { out, words }: { out: string; words?: string }) => {
      const json = jsonOf(utf8Text(await context.readFile(path)));
      const link = genesisFrom(json, path);
      const home = await context.home(link.change.organisation);
      const own = await ownCard(terminal, home);
      for (const line of summaryOf(link)) terminal.say(line);
      requireNamed(link, own.id, cardDigest(own));
      const digest = linkDigest(link);
      // The file may have been changed on its way here: the server's own terminal is the other way.
      await compareWords(
        terminal,
        {
          digest,
          code: 'cli.genesis-words',
          what: 'the genesis words',
          from: 'that halligan init printed on the server',
          hint: 'Sign nothing. Take genesis.json from the server again, and compare its words there.',
        },
        words,
      );
      const { signing } = await home.keys(() => terminal.askSecret('Passphrase of your key:'));
      await context.writeFile(out, signatureFile(await signGenesis(link, own.id, signing)));
      show(terminal, { signature: out, genesisWords: wordsOfDigest(digest) }, [
        `Signed: ${out}. Next: on the server, halligan init --finish with the signatures of two admins.`,
      ]);
    });
  return genesis;
}

/** What one signs, as a person reads it. */
function summaryOf({ change }: Genesis): readonly string[] {
  return [
    `You are asked to sign the beginning of ${change.organisation} (${change.origin}), with ${change.recipients} keys:`,
    ...change.members.flatMap((member) =>
      member.kind === 'program'
        ? [`  ${member.id}: program of the server`]
        : [`  ${member.id}: ${member.roles.join(', ')}`, `    ${cardWords(member).join(' ')}`],
    ),
    'Below each person stand their card words: ask the other admins for theirs, by voice.',
  ];
}

/** Somebody else's keys under one's own name would be somebody else with one's own rights. */
function requireNamed({ change }: Genesis, person: string, digest: string): void {
  const member = change.members.find(({ id }) => id === person);
  if (member !== undefined && cardDigest(member) === digest) return;
  throw new HalliganError(
    'cli.not-named',
    member === undefined
      ? `This genesis does not name you, ${person}.`
      : `This genesis names ${person} with other keys than yours.`,
    'Sign nothing. Give your card to whoever runs halligan init: halligan person card --out FILE.',
  );
}
