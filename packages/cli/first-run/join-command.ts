import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { generateIdentity } from '@halligan/seal';
import { memberById } from '@halligan/statement';
import { Command } from 'commander';
import { Api } from '../api.ts';
import { type Context, show } from '../commands.ts';
import { PersonHome } from '../person-home.ts';
import { shownPin } from '../pinned-agent.ts';
import { type Card, cardDigest, cardWords } from './card.ts';
import { compareWords } from './compared-words.ts';
import { agentKeyOption, ownCard, settleKeys, signingKeys } from './own-keys.ts';
import { personId } from './person-id.ts';
import { fetchGenesis, type ShownGenesis } from './shown-genesis.ts';

interface Asked {
  readonly id?: string;
  readonly pin?: string;
  readonly words?: string;
  readonly agentKey: readonly string[];
}

/** `halligan join`: this device pins an organisation, and leaves its person's card where admins admit people. */
export function joinCommand(context: Context): Command {
  return new Command('join')
    .description('join an organisation from this device, or follow its server to a new address')
    .argument('<url>', 'such as https://halligan.example.org:8470')
    .option('--id <person>', 'your id, where this device has no keys of yours yet')
    .option('--pin <hex>', 'the pin of the server’s certificate')
    .addOption(agentKeyOption())
    .option('--words <words>', 'the genesis words, from paper or by telephone')
    .action((url: string, asked: Asked) => joinAt(context, url, asked));
}

/** Nothing is written on this device, and nothing is sent but a question, before pin and words were compared. */
async function joinAt(context: Context, url: string, asked: Asked): Promise<void> {
  const { terminal } = context;
  const organisation = context.organisation();
  const folder = context.personFolder(organisation);
  const home = await homeIn(folder);
  const person = home?.facts.person ?? personId(await idFor(context, asked));
  requireSame(person, asked.id, 'cli.other-person', 'Your keys here are of another person.');
  const certificate = await pinFor(context, url, asked.pin);
  const api = new Api(url, certificate);

  const shown = await fetchGenesis(api);
  requireReal(shown, organisation);
  await compareWords(
    terminal,
    {
      digest: shown.digest,
      code: 'cli.genesis-words',
      what: 'the genesis words',
      from: 'from paper or by telephone, not from this network',
      hint: 'Nothing was written. This is another server than the one that you were told of: tell security.',
    },
    asked.words,
  );
  requireKnownGenesis(home, shown);

  const own =
    home === undefined
      ? await settleKeys(
          terminal,
          folder,
          { organisation, person },
          {
            identity: generateIdentity(shown.link.change.recipients),
            ...(await signingKeys(context, asked.agentKey)),
          },
        )
      : { home, card: await ownCard(terminal, home) };
  await own.home.learn({
    url: new URL(url).origin,
    certificate,
    pins: pinsFor(own.home, shown),
  });
  await introduce(context, api, own.card, shown);
}

/** Leaves the card where admins find it, unless the roster has it. */
async function introduce(
  { terminal }: Context,
  api: Api,
  card: Card,
  { proven, link }: ShownGenesis,
): Promise<void> {
  const { organisation } = link.change;
  const { roster } = proven.state;
  const member = roster === undefined ? undefined : memberById(roster, card.id);
  if (member === undefined) {
    await api.post('/v1/join', card);
    const words = cardWords(card);
    show(terminal, { person: card.id, organisation, admitted: false, cardWords: words }, [
      `Joined ${organisation} as ${card.id}. Your card waits for an admin.`,
      `Card words: ${words.join(' ')}`,
      `Next: read them by voice to an admin, who runs halligan person admit ${card.id} --roles ROLES.`,
      `Then: halligan key words --org ${organisation}, and write the 33 words on paper.`,
    ]);
    return;
  }
  if (cardDigest(member) !== cardDigest(card))
    throw new HalliganError(
      'cli.other-keys',
      `${organisation} knows ${card.id} with other keys than those on this device.`,
      `If you made new ones, give your card to the admins: halligan person card --out FILE, then halligan person rekey FILE. If you did not, choose another --id.`,
    );
  show(terminal, { person: card.id, organisation, admitted: true }, [
    `Joined ${organisation} as ${card.id}: ${member.roles.join(', ') || 'no roles yet'}.`,
    `Next: halligan --org ${organisation}, for what is due from you.`,
  ]);
}

async function homeIn(folder: string): Promise<PersonHome | undefined> {
  return existsSync(join(folder, 'person.json')) ? PersonHome.open(folder) : undefined;
}

async function idFor({ terminal }: Context, { id }: Asked): Promise<string> {
  return id ?? (await terminal.ask('Your id in the organisation (--id):'));
}

/** The pin by another way than the network; where none is given, the person compares the one that is shown. */
async function pinFor(
  { terminal }: Context,
  url: string,
  given: string | undefined,
): Promise<string | null> {
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') return null;
  const pin = given ?? (await terminal.ask(await pinQuestion(url)));
  const plain = pin.toLowerCase().replaceAll(/[\s:]/g, '');
  if (/^[0-9a-f]{64}$/.test(plain)) return plain;
  throw new HalliganError(
    'cli.pin',
    'This is no pin of a certificate.',
    'It is 64 of 0-9 and a-f, as halligan init printed it: --pin.',
  );
}

async function pinQuestion(url: string): Promise<string> {
  return `The server shows the certificate\n  ${await shownPin(new URL(url))}\nCompare it with what you were given, then paste what you were given (--pin):`;
}

function requireReal({ practice, link }: ShownGenesis, organisation: string): void {
  if (practice)
    throw new HalliganError(
      'cli.practice',
      'This server is for practice.',
      'Nothing real is joined there: ask an admin for the real server’s address.',
    );
  requireSame(
    link.change.organisation,
    organisation,
    'cli.other-organisation',
    'This server’s organisation is another one.',
  );
}

function requireSame(
  actual: string,
  expected: string | undefined,
  code: string,
  why: string,
): void {
  if (expected === undefined || actual === expected) return;
  throw new HalliganError(
    code,
    `${why} It is “${actual}”, not “${expected}”.`,
    'Check --org and --id, and the address.',
  );
}

/** A device that joined once never follows its server to another beginning. */
function requireKnownGenesis(home: PersonHome | undefined, { digest }: ShownGenesis): void {
  const known = home?.facts.pins?.genesis;
  if (known === undefined || known === digest) return;
  throw new HalliganError(
    'cli.other-genesis',
    'This device knows this organisation by another genesis.',
    'Sign nothing there, and tell security: an organisation begins once.',
  );
}

/** A device that saw this record before holds the server to what it saw: only growth from there is believed. */
function pinsFor({ facts }: PersonHome, { pins }: ShownGenesis) {
  return facts.pins === null ? pins : { ...pins, seen: facts.pins.seen };
}
