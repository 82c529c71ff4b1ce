import { join, resolve } from 'node:path';
import { HalliganError, utf8, utf8Text } from '@halligan/format';
import { isWholePlace } from '@halligan/procedure';
import { completeGenesis, prepareGenesis, readFounding, type TlsPair } from '@halligan/server';
import { linkDigest, type Role } from '@halligan/statement';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { dataFolder } from '../data-folder.ts';
import { rolesFrom } from './admission.ts';
import { type Card, cardWords, readCard } from './card.ts';
import { wordsOfDigest } from './compared-words.ts';
import { readSignature } from './genesis-signature.ts';
import { invitationTo } from './invitation.ts';
import { kitPlace } from './kit-place.ts';
import { recipientsOption } from './own-person-commands.ts';
import { personId } from './person-id.ts';

interface Asked {
  readonly organisation?: string;
  readonly name?: string;
  readonly host: string;
  readonly port: string;
  readonly recipients: 'hybrid' | 'x25519';
  readonly admin: readonly string[];
  readonly roles: readonly string[];
  readonly tlsKey?: string;
  readonly tlsCert?: string;
  readonly kitPlace: readonly string[];
  readonly out?: string;
  readonly startOver: boolean;
  readonly finish?: readonly string[];
}

/** `halligan init`: an organisation's first run on the server, in two halves around its admins' signatures. */
export function initCommand(context: Context): Command {
  const collect = (one: string, before: readonly string[]) => [...before, one];
  return new Command('init')
    .description('found an organisation in HALLIGAN_HOME; two admins sign it, then --finish')
    .option('--organisation <id>', 'a-z, 0-9 and -')
    .option('--name <host>', 'the server’s name for people’s devices; no corporate DNS needed')
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--port <port>', 'the port to listen on', '8470')
    .addOption(recipientsOption())
    .option('--admin <card>', 'card of an admin; at least twice', collect, [])
    .option('--roles <id=roles>', 'more roles for an admin, such as dana=approver', collect, [])
    .option('--tls-key <file>', 'PEM; made where it is not given')
    .option('--tls-cert <file>', 'PEM; made where it is not given')
    .option(
      '--kit-place <name:folder[:what]>',
      'where kits are kept; what: off-server,offline,idp-free,git,vault',
      collect,
      [],
    )
    .option('--out <file>', 'a copy of genesis.json to carry to the admins')
    .option('--start-over', 'throw away a first half that waits for signatures', false)
    .option('--finish <signatures...>', 'second half, with the admins’ signatures')
    .action((asked: Asked) =>
      asked.finish === undefined ? begin(context, asked) : finish(context, asked.finish),
    );
}

async function begin(context: Context, asked: Asked): Promise<void> {
  const { terminal, environment } = context;
  const root = dataFolder(environment);
  const ask = async (given: string | undefined, question: string) =>
    given ?? (await terminal.ask(question));
  const organisation = personId(
    await ask(asked.organisation, 'Id of the organisation (--organisation):'),
  );
  const name = await ask(asked.name, 'Name of this server for people’s devices (--name):');
  const cards = await adminCards(context, asked);
  const tls = await broughtTls(context, asked);
  const link = await prepareGenesis(root, {
    settings: {
      organisation,
      name,
      host: asked.host,
      port: portOf(asked.port),
      tls: true,
      practice: false,
      kitPlaces: asked.kitPlace.map(kitPlace),
    },
    recipients: asked.recipients,
    admins: cards,
    tls,
    startOver: asked.startOver,
  });
  const own = join(root, 'genesis.json');
  if (asked.out !== undefined)
    await context.writeFile(asked.out, utf8(utf8Text(await context.readFile(own))));
  const genesis = asked.out ?? own;
  const words = wordsOfDigest(linkDigest(link));
  show(terminal, { genesis: resolve(genesis), genesisWords: words }, [
    `Prepared ${organisation} in ${root}. Nothing runs until two admins have signed.`,
    `Genesis words: ${words.join(' ')}`,
    'Card words, for the admins to compare with their own:',
    ...cards.map((card) => `  ${card.id}: ${cardWords(card).join(' ')}`),
    `Next: ${cards.map(({ id }) => id).join(' and ')}, each on their own device, with ${genesis}:`,
    '  halligan genesis sign genesis.json --out NAME.sig',
    'They compare the genesis words with those above. Then here:',
    `  halligan init --finish ${cards.map(({ id }) => `${id}.sig`).join(' ')}`,
    ...kitWarning(asked.kitPlace),
  ]);
}

async function finish(context: Context, paths: readonly string[]): Promise<void> {
  const root = dataFolder(context.environment);
  const signed = await Promise.all(
    paths.map(async (path) => readSignature(await context.readFile(path), path)),
  );
  const { link, done } = await readFounding(root);
  const genesis = await completeGenesis(root, signed);
  const invitation = await invitationTo(root);
  const words = wordsOfDigest(genesis);
  const { recipients } = link.change.do === 'genesis' ? link.change : { recipients: undefined };
  show(
    context.terminal,
    { genesis, genesisWords: words, recipients, url: invitation.url, pin: invitation.pin },
    [
      done ? 'This organisation is founded already.' : `Founded: ${invitation.organisation}.`,
      `Genesis words: ${words.join(' ')}`,
      'Print them. Everybody who joins compares them, and gets them by another way than the network.',
      ...invitation.lines,
      'Next: halligan server',
    ],
  );
}

async function adminCards(context: Context, asked: Asked): Promise<readonly Card[]> {
  const paths = [...asked.admin];
  while (paths.length < 2)
    paths.push(
      await context.terminal.ask(`File with the card of admin ${paths.length + 1} (--admin):`),
    );
  const roles = new Map(asked.roles.map(rolesOf));
  // One after the other: of two bad files, the first one is named.
  const cards: Card[] = [];
  for (const path of paths) cards.push(await readCard(await context.readFile(path), path));
  const stranger = [...roles.keys()].find((id) => !cards.some((card) => card.id === id));
  if (stranger !== undefined)
    throw new HalliganError(
      'cli.roles',
      `--roles names ${stranger}, who is none of the admins.`,
      'Others get their roles when they are admitted.',
    );
  return cards.map((card) => ({
    ...card,
    roles: [...new Set<Role>(['admin', ...(roles.get(card.id) ?? [])])],
  }));
}

function rolesOf(text: string): readonly [string, readonly Role[]] {
  const [id = '', list = ''] = text.split('=');
  return [id, rolesFrom(list)];
}

async function broughtTls(
  context: Context,
  { tlsKey, tlsCert }: Asked,
): Promise<TlsPair | undefined> {
  if (tlsKey === undefined && tlsCert === undefined) return undefined;
  if (tlsKey === undefined || tlsCert === undefined)
    throw new HalliganError(
      'cli.usage',
      '--tls-key and --tls-cert belong together.',
      'Give both, or neither: then they are made.',
    );
  const [key, cert] = await Promise.all([context.readFile(tlsKey), context.readFile(tlsCert)]);
  return { key: utf8Text(key), cert: utf8Text(cert) };
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new HalliganError('cli.usage', '--port is no port.', 'Give a number from 1 to 65535.');
}

function kitWarning(texts: readonly string[]): readonly string[] {
  const places = texts.map(kitPlace);
  const enough = places.length >= 2 && places.some(({ offServer }) => offServer);
  return [
    ...(enough
      ? []
      : [
          'Warning: no account is armed before its kit lies in two places, one of them off this server: --kit-place.',
        ]),
    ...(places.some(isWholePlace)
      ? []
      : [
          'Warning: no place for kits is off the server, offline and free of the identity provider, all three.',
        ]),
  ];
}
