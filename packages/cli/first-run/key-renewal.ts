import { HalliganError } from '@halligan/format';
import { memberById } from '@halligan/statement';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { Device } from '../device.ts';
import { type Card, cardDigest, cardFile, cardOf, cardWords, readCard } from './card.ts';
import { agentKeyOption, signingKeys } from './own-keys.ts';

/**
 * `halligan key renew`: other keys to sign with, such as two security keys in place of a key in a file. What is sealed
 * to the person stays. The old key signs until the roster knows the new one, so that nobody is ever without.
 */
export function renewCommand(context: Context): Command {
  return new Command('renew')
    .description('sign with other keys: a new one, or security keys in ssh-agent')
    .addOption(agentKeyOption())
    .option('--card <file>', 'write the new card there, for an admin')
    .option('--finish', 'change over, now that the roster has the new card')
    .action(
      (asked: { readonly agentKey: readonly string[]; card?: string; readonly finish?: true }) =>
        asked.finish === true ? finish(context) : prepare(context, asked),
    );
}

async function prepare(
  context: Context,
  { agentKey, card: path }: { readonly agentKey: readonly string[]; readonly card?: string },
): Promise<void> {
  if (path === undefined)
    throw new HalliganError('cli.usage', 'Where shall the new card go?', 'Give --card FILE.');
  const home = await context.home();
  const { person } = home.facts;
  const { identity } = await home.keys(() => context.terminal.askSecret('Passphrase of your key:'));
  const keys = { identity, ...(await signingKeys(context, agentKey)) };
  const card = await cardOf(person, keys);
  await home.keepRenewed(keys, cardFile(card));
  await context.writeFile(path, cardFile(card));
  const words = cardWords(card);
  show(context.terminal, { card, cardWords: words, file: path }, [
    `New card of ${person}: ${path}`,
    `Card words: ${words.join(' ')}`,
    'Your old key signs until the roster has the new card.',
    `Next: an admin runs halligan person rekey ${path} --proposal FILE; you run halligan person sign FILE, with the old key. Then: halligan key renew --finish.`,
  ]);
}

async function finish(context: Context): Promise<void> {
  const home = await context.home();
  const card = await readCard(await home.renewedCard(), 'The new card in your home');
  // Once the roster has the new card, only the new keys sign in.
  const device = new Device(
    home,
    () => context.terminal.askSecret('Passphrase of your key:'),
    'renewed',
  );
  if (!(await isOnRoster(device, card))) throw notYet();
  await home.adoptRenewed();
  show(context.terminal, { renewed: card.id, signing: card.signing }, [
    `${card.id} signs with ${card.signing.length === 1 ? 'the new key' : `${card.signing.length} new keys`} from now on.`,
    'Next: halligan, for what is due from you.',
  ]);
}

/** Asked with the new keys: a server that does not know them yet refuses their signature. */
async function isOnRoster(device: Device, card: Card): Promise<boolean> {
  try {
    const { roster } = (await device.prove()).state;
    const member = roster === undefined ? undefined : memberById(roster, card.id);
    return member !== undefined && cardDigest(member) === cardDigest(card);
  } catch (error) {
    if (error instanceof HalliganError && error.code === 'server.sign-in') return false;
    throw error;
  }
}

function notYet(): HalliganError {
  return new HalliganError(
    'cli.not-renewed',
    'The roster does not have your new card yet.',
    'An admin runs halligan person rekey with it; see halligan person list. Your old key goes on signing.',
  );
}
