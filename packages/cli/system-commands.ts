import type { ProvenState } from '@halligan/evidence';
import { base64, HalliganError, utf8, utf8Text } from '@halligan/format';
import { ROTATOR } from '@halligan/procedure';
import { encryptTo } from '@halligan/seal';
import { memberById } from '@halligan/statement';
import { configDigest, parseSystemConfig, readSystemConfig } from '@halligan/systems';
import { Command } from 'commander';
import { z } from 'zod';
import { type Context, show } from './commands.ts';
import { driverSecret } from './organisation/driver-secret.ts';
import { dryRunCommand } from './organisation/dry-run-command.ts';
import { signEntry } from './organisation/signed-entry.ts';
import { systemCheckCommand } from './organisation/system-check-command.ts';
import { systemEntryCommands } from './organisation/system-entry-commands.ts';
import { jsonOf } from './person-home.ts';

/**
 * `halligan system …`: the systems whose accounts are kept, and how they are reached.
 * @param exits takes the exit code of a check that found something
 */
export function systemCommands(context: Context, exits: (code: number) => void): Command {
  const system = new Command('system').description('the systems whose accounts are kept');
  withDriver(system.command('add'))
    .description('add a system, with the way to reach it')
    .argument('<id>', 'its id')
    .requiredOption('--purpose <text>', 'what it is for')
    .requiredOption('--address <address>', 'where people sign in directly')
    .requiredOption('--owner <person>', 'who answers for it')
    .action((id: string, asked: Addition) => addSystem(context, id, asked));
  withDriver(system.command('driver'))
    .description('change how a system is reached; another admin signs it')
    .argument('<id>', 'its id')
    .requiredOption('--out <file>', 'write it for another admin to sign')
    .action((id: string, asked: Driver & { out: string }) => proposeDriver(context, id, asked));
  system
    .command('driver-sign')
    .description('sign another admin’s change of a driver, and send it')
    .argument('<file>', 'the other admin’s proposal, as a file')
    .action((path: string) => signDriver(context, path));
  system.addCommand(dryRunCommand(context));
  system.addCommand(systemCheckCommand(context, exits));
  for (const command of systemEntryCommands(context)) system.addCommand(command);
  return system;
}

interface Driver {
  readonly driverConfig: string;
  readonly driverSecretFile?: string;
}

interface Addition extends Driver {
  readonly purpose: string;
  readonly address: string;
  readonly owner: string;
}

function withDriver(command: Command): Command {
  return command
    .requiredOption('--driver-config <file>', 'YAML or JSON; see docs/systems')
    .option(
      '--driver-secret-file <file>',
      'the rotator’s own credential; encrypted to the rotator on this device',
    );
}

async function addSystem(context: Context, id: string, asked: Addition): Promise<void> {
  const device = await context.device();
  const proven = await device.prove();
  const { purpose, address, owner } = asked;
  const system = {
    v: 'halligan/inventory/v1',
    add: 'system',
    id,
    purpose,
    address,
    owner,
  } as const;
  const settings = await settingsOf(context, proven, id, asked);
  await device.api.post(`/v1/systems/${id}`, {
    submissions: [
      { signed: [await signEntry(device, proven, system)], document: system },
      { signed: [await signEntry(device, proven, settings.document)], document: settings.document },
    ],
    config: settings.config,
    ...settings.secret,
  });
  show(context.terminal, { system: id }, [`Added ${id}. Next: halligan account add.`]);
}

const proposalSchema = z.strictObject({
  v: z.literal('halligan/driver-proposal/v1'),
  document: z.strictObject({
    v: z.literal('halligan/inventory/v1'),
    add: z.literal('driver'),
    id: z.string(),
    config: z.string(),
    previous: z.string().nullable(),
    by_hand: z.literal(true).exactOptional(),
  }),
  signed: z.unknown(),
  config: z.json(),
  secret: z.string().optional(),
});

async function proposeDriver(
  context: Context,
  id: string,
  asked: Driver & { readonly out: string },
): Promise<void> {
  const device = await context.device();
  const proven = await device.prove();
  const { document, config, secret } = await settingsOf(context, proven, id, asked);
  const signed = await signEntry(device, proven, document);
  const proposal = { v: 'halligan/driver-proposal/v1', document, signed, config, ...secret };
  await context.writeFile(asked.out, utf8(`${JSON.stringify(proposal)}\n`));
  show(context.terminal, { proposal: asked.out }, [
    `Written: ${asked.out}. Next: another admin runs halligan system driver-sign ${asked.out}.`,
  ]);
}

/** The second admin sees where the rotator would go, and that it is what the signature is over. @throws `cli.proposal` */
async function signDriver(context: Context, path: string): Promise<void> {
  const parsed = proposalSchema.safeParse(jsonOf(utf8Text(await context.readFile(path))));
  if (
    !parsed.success ||
    configDigest(parseSystemConfig(parsed.data.config)) !== parsed.data.document.config
  ) {
    throw new HalliganError(
      'cli.proposal',
      `${path} is not a driver’s change.`,
      'Ask the other admin for it again: halligan system driver --out FILE.',
    );
  }
  const { document, signed, config, secret } = parsed.data;
  const device = await context.device();
  const proven = await device.prove();
  context.terminal.say(`You sign how ${document.id} is reached: ${JSON.stringify(config)}`);
  const own = await signEntry(device, proven, document);
  await device.api.post(`/v1/systems/${document.id}`, {
    submissions: [{ signed: [signed, own], document }],
    config,
    ...(secret === undefined ? {} : { secret }),
  });
  show(context.terminal, { system: document.id }, [
    `${document.id} is reached by the new settings.`,
  ]);
}

/** The settings as they are signed for: by digest, over the ones that they replace; the credential for the rotator alone. */
async function settingsOf(context: Context, { state }: ProvenState, id: string, asked: Driver) {
  const config = readSystemConfig(utf8Text(await context.readFile(asked.driverConfig)));
  const document = {
    v: 'halligan/inventory/v1',
    add: 'driver',
    id,
    config: configDigest(config),
    previous: state.drivers[id] ?? null,
    ...(config.driver === 'manual' ? { by_hand: true as const } : {}),
  } as const;
  const rotator = state.roster === undefined ? undefined : memberById(state.roster, ROTATOR);
  if (asked.driverSecretFile === undefined || rotator === undefined) {
    return { document, config, secret: {} };
  }
  const secret = driverSecret(await context.readFile(asked.driverSecretFile));
  return {
    document,
    config,
    secret: { secret: base64(await encryptTo([rotator.recipient], secret)) },
  };
}
