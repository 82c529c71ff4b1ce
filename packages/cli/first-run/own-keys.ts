import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { writeFileDurably } from '@halligan/journal';
import { generateSigningKey } from '@halligan/statement';
import { Option } from 'commander';
import type { Context } from '../commands.ts';
import { PersonHome, type PersonKeys } from '../person-home.ts';
import { keysInAgent } from '../signing-key-file.ts';
import type { Terminal } from '../terminal.ts';
import { type Card, cardFile, cardOf, readCard } from './card.ts';

/** Whose keys are made, and for which organisation. */
export interface Owner {
  readonly organisation: string;
  readonly person: string;
}

/**
 * What signs for a person: a fresh key, or keys in ssh-agent that are named by their `.pub` files.
 * @throws `cli.file`, and what {@link keysInAgent} throws
 */
export async function signingKeys(
  { agent, readFile }: Context,
  agentKeyFiles: readonly string[],
): Promise<Pick<PersonKeys, 'signing' | 'signers'>> {
  if (agentKeyFiles.length === 0) return { signing: await generateSigningKey() };
  return keysInAgent(await Promise.all(agentKeyFiles.map(readFile)), agent);
}

/** The flag that names keys in ssh-agent; several may be given. */
export function agentKeyOption(): Option {
  return new Option(
    '--agent-key <file>',
    'sign with a key in ssh-agent: its .pub file; give it once for each security key',
  )
    .argParser((file: string, before: readonly string[]) => [...before, file])
    .default([], 'a key of your own, behind your passphrase');
}

/**
 * Settles keys on this device, behind a passphrase that is asked for twice, with the card beside them. The person
 * has joined nothing yet: pins come when the genesis words were compared.
 * @throws `cli.home-exists`, `cli.passphrase-differs`, `seal.passphrase`, `cli.no-terminal`
 */
export async function settleKeys(
  terminal: Terminal,
  folder: string,
  { organisation, person }: Owner,
  keys: PersonKeys,
): Promise<{ readonly home: PersonHome; readonly card: Card }> {
  requireNoHome(folder);
  const card = await cardOf(person, keys);
  const facts = {
    v: 'halligan/person/v1',
    organisation,
    person,
    url: '',
    certificate: null,
    practice: false,
    identity: 'identity.age',
    pins: null,
  } as const;
  const home = await PersonHome.create(folder, facts, keys, await newPassphrase(terminal));
  await writeFileDurably(join(folder, 'card.json'), cardFile(card));
  return { home, card };
}

/** The person's own card; made again from the keys where its file is gone. */
export async function ownCard(terminal: Terminal, home: PersonHome): Promise<Card> {
  const path = join(home.folder, 'card.json');
  if (existsSync(path)) return readCard(await readFile(path), path);
  return cardOf(
    home.facts.person,
    await home.keys(() => terminal.askSecret('Passphrase of your key:')),
  );
}

/** @throws `cli.home-exists`: keys are never overwritten, whatever is sealed to them would be lost */
export function requireNoHome(folder: string): void {
  if (existsSync(join(folder, 'person.json')))
    throw new HalliganError(
      'cli.home-exists',
      `There are keys in ${folder} already.`,
      'Use them: halligan person card. Or choose another --org.',
    );
}

/** A new passphrase, typed twice: nobody can look up what was mistyped. @throws `cli.passphrase-differs` */
export async function newPassphrase(terminal: Terminal): Promise<string> {
  const first = await terminal.askSecret(
    'New passphrase for your key (five random words or more):',
  );
  const second = await terminal.askSecret('The same passphrase again:');
  if (first === second) return first;
  throw new HalliganError(
    'cli.passphrase-differs',
    'The two passphrases differ.',
    'Nothing was written. Run the command again and type the same one twice.',
  );
}
