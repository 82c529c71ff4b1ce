import { utf8Text } from '@halligan/format';
import {
  checkStore,
  entryPath,
  openEntry,
  parseVaultStore,
  requireWrapping,
  secretOf,
  storeAddress,
  type VaultStore,
  wrapEntry,
} from '@halligan/systems';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { checkLines, ok } from '../doctor/check.ts';
import { EXIT } from '../exit-codes.ts';
import { jsonOf } from '../person-home.ts';
import { fetchCommand } from './fetch-command.ts';
import { pasteCommand } from './paste-command.ts';
import { onRecord, sealsOut, type TakingOut } from './seals-out.ts';
import { secretInput } from './secret-input.ts';

interface Asked {
  readonly store: string;
  readonly tokenFile?: string;
}

interface Unwrapping extends Asked, TakingOut {}

interface Checking {
  readonly store: string;
  readonly secretFile?: string;
}

/** The second vault: one person asks for a token that gives the seals out once, the other takes them out. */
export function entryCommands(context: Context, exits: (code: number) => void): readonly Command[] {
  const wrap = from(new Command('wrap'))
    .description('ask the vault for a system’s seals, as a token that gives them out once')
    .argument('<system>', 'whose seals')
    .option('--token-file <file>', 'your vault token; - is standard input; asked for otherwise')
    .action((system: string, asked: Asked) => wrapSeals(context, system, asked));
  const unwrap = from(new Command('unwrap'))
    .description('take the seals out of such a token, once; a used or foreign one is an alarm')
    .argument('<system>', 'whose seals')
    .requiredOption('--out <folder>', 'where the seals are written')
    .option('--token-file <file>', 'the token; - is standard input; asked for otherwise')
    .option(
      '--unproven',
      'do not compare them with the record: neither server nor kit is there',
      false,
    )
    .option('--emergency <id>', 'put it on that record: what was read, or the alarm')
    .action((system: string, asked: Unwrapping) =>
      onRecord(context, system, asked.emergency, () => unwrapSeals(context, system, asked)),
    );
  const check = from(new Command('check'))
    .description('what a store of seals lacks: rights, wrapping, audit')
    .option(
      '--secret-file <file>',
      'what its writer signs in with; - is standard input; asked for otherwise',
    )
    .action((asked: Checking) => checkSeals(context, asked, exits));
  return [wrap, unwrap, fetchCommand(context), pasteCommand(context), check];
}

function from(command: Command): Command {
  return command.requiredOption('--store <file>', 'JSON of the store, as docs/systems shows it');
}

export async function storeOf(context: Context, path: string): Promise<VaultStore> {
  return parseVaultStore(jsonOf(utf8Text(await context.readFile(path))));
}

async function checkSeals(
  context: Context,
  asked: Checking,
  exits: (code: number) => void,
): Promise<void> {
  const store = await storeOf(context, asked.store);
  const secret = await secretInput(
    context,
    asked.secretFile,
    `The writer’s ${secretOf(store).what}:`,
  );
  try {
    const found = await checkStore(store, secret);
    const name = entryPath(store, '<system>');
    const checks =
      found.length === 0
        ? [ok(name, 'Nothing is missing that the vault tells of.')]
        : found.map((one) => ({ check: name, ...one }));
    const ill = found.some(({ level }) => level === 'fail');
    show(context.terminal, { ok: !ill, checks }, checkLines(checks));
    if (ill) exits(EXIT.failed);
  } finally {
    secret.fill(0);
  }
}

async function wrapSeals(context: Context, system: string, asked: Asked): Promise<void> {
  const store = requireWrapping(await storeOf(context, asked.store));
  const own = utf8Text(await secretInput(context, asked.tokenFile, 'Your vault token:'));
  const { token, accessor, at } = await wrapEntry(store, system, own);
  show(context.terminal, { entry: entryPath(store, system), token, accessor, at }, [
    token,
    `For ${entryPath(store, system)}, once, within 30 minutes. In the vault’s audit log it is ${accessor}.`,
    `Next: who opens the seal, at their own machine: halligan vault unwrap ${system}`,
  ]);
}

/** @returns how the vault’s audit log names what was read */
async function unwrapSeals(context: Context, system: string, asked: Unwrapping): Promise<string> {
  const store = requireWrapping(await storeOf(context, asked.store));
  const token = utf8Text(
    await secretInput(context, asked.tokenFile, 'The token that you were given:'),
  );
  const address = storeAddress(store);
  const stored = await openEntry(
    address,
    store,
    system,
    token,
    AbortSignal.timeout(address.timeout),
  );
  return sealsOut(context, entryPath(store, system), stored, asked);
}
