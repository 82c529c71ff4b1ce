import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fromBase64, HalliganError, utf8Text } from '@halligan/format';
import { unpackSeal } from '@halligan/seal';
import {
  checkStore,
  entryPath,
  openEntry,
  parseVaultStore,
  type StoredEntry,
  storeAddress,
  type VaultStore,
  wrapEntry,
} from '@halligan/systems';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { checkLines, ok } from '../doctor/check.ts';
import { note } from '../emergency/use.ts';
import { EXIT } from '../exit-codes.ts';
import { jsonOf } from '../person-home.ts';
import { secretInput } from './secret-input.ts';

interface Asked {
  readonly store: string;
  readonly tokenFile?: string;
}

interface Unwrapping extends Asked {
  readonly out: string;
  readonly unproven: boolean;
  readonly emergency?: string;
}

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
    .action((system: string, asked: Unwrapping) => unwrapOnRecord(context, system, asked));
  const check = from(new Command('check'))
    .description('what a store of seals lacks: rights, wrapping, audit')
    .option(
      '--secret-file <file>',
      'the writer’s secret id; - is standard input; asked for otherwise',
    )
    .action((asked: Checking) => checkSeals(context, asked, exits));
  return [wrap, unwrap, check];
}

function from(command: Command): Command {
  return command.requiredOption('--store <file>', 'JSON of the store; see docs/systems/openbao.md');
}

async function storeOf(context: Context, path: string): Promise<VaultStore> {
  return parseVaultStore(jsonOf(utf8Text(await context.readFile(path))));
}

async function checkSeals(
  context: Context,
  asked: Checking,
  exits: (code: number) => void,
): Promise<void> {
  const store = await storeOf(context, asked.store);
  const secret = await secretInput(context, asked.secretFile, 'The writer’s secret id:');
  try {
    const found = await checkStore(store, secret);
    const name = `${store.mount}/${store.path}`;
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
  const store = await storeOf(context, asked.store);
  const own = utf8Text(await secretInput(context, asked.tokenFile, 'Your vault token:'));
  const { token, accessor, at } = await wrapEntry(store, system, own);
  show(context.terminal, { entry: entryPath(store, system), token, accessor, at }, [
    token,
    `For ${entryPath(store, system)}, once, within 30 minutes. In the vault’s audit log it is ${accessor}.`,
    `Next: who opens the seal, at their own machine: halligan vault unwrap ${system}`,
  ]);
}

/** What makes security look, rather than a person try again. */
const ALARMS: ReadonlySet<string> = new Set([
  'vault.token-used',
  'vault.token-foreign',
  'vault.other-seal',
]);

/** An alarm is on the record before the person reads it: they may not be the one to trust with it. */
async function unwrapOnRecord(context: Context, system: string, asked: Unwrapping): Promise<void> {
  const { emergency } = asked;
  const say = async (about: 'reveal' | 'observation', text: string) => {
    if (emergency !== undefined) await note(await context.device(), emergency, { about, text });
  };
  try {
    await say('reveal', await unwrapSeals(context, system, asked));
  } catch (error) {
    if (error instanceof HalliganError && ALARMS.has(error.code))
      await say('observation', `${error.message} [${error.code}] ${system}`);
    throw error;
  }
}

/** @returns how the vault’s audit log names what was read */
async function unwrapSeals(context: Context, system: string, asked: Unwrapping): Promise<string> {
  const store = await storeOf(context, asked.store);
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
  if (!asked.unproven) await requireRecorded(context, stored);
  const written: string[] = [];
  for (const [account, versions] of Object.entries(stored.entry.accounts))
    for (const { version, digest, seal } of versions) {
      const folder = join(asked.out, account, String(version));
      for (const [name, bytes] of unpackSeal(fromBase64(seal), digest).files) {
        await mkdir(dirname(join(folder, name)), { recursive: true, mode: 0o700 });
        await context.writeFile(join(folder, name), bytes);
      }
      written.push(folder);
    }
  const reference = `${entryPath(store, system)} version ${stored.version}, request ${stored.request}`;
  show(
    context.terminal,
    {
      entry: entryPath(store, system),
      version: stored.version,
      request: stored.request,
      seals: written,
      proven: !asked.unproven,
    },
    [
      ...written.map((folder) => `Written: ${folder}`),
      ...(asked.unproven
        ? [
            'NOT compared with the record: whoever writes the vault could have put another seal there. Its holders compare.',
          ]
        : ['They are the seals of the record.']),
      `Next: docs/guides/open-a-seal-by-hand.md.`,
      ...(asked.emergency === undefined
        ? [`For the record: halligan emergency note --about reveal "${reference}"`]
        : [`On the record: ${reference}`]),
    ],
  );
  return reference;
}

/** Who writes the vault could put a seal of their own there, or an old one. @throws `vault.other-seal` */
async function requireRecorded(context: Context, { entry }: StoredEntry): Promise<void> {
  const device = await context.device();
  for (const [account, versions] of Object.entries(entry.accounts)) {
    const { state } = await device.prove({ account });
    const known = state.accounts[account]?.versions;
    for (const { version, digest } of versions)
      if (known?.[version]?.digest !== digest)
        throw new HalliganError(
          'vault.other-seal',
          `ALARM: version ${version} of ${account} in the vault is not the one on the record.`,
          'Nothing was written. Tell security: the vault’s audit log says who wrote it. Use another way: halligan emergency trouble vault-fails.',
        );
  }
}
