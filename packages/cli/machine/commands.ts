import { HalliganError, visible } from '@halligan/format';
import { inventoryOf, type Machine, machineOf } from '@halligan/procedure';
import { Command } from 'commander';
import { z } from 'zod';
import { type Context, show } from '../commands.ts';
import type { Device } from '../device.ts';
import { plainJson, signEntry } from '../organisation/signed-entry.ts';
import { A_LIST, type Addition, enrolments } from './enrolment.ts';
import { reportsCommand } from './reports.ts';

const knownSchema = z.object({
  journals: z.array(
    z.object({
      machine: z.string(),
      logKey: z.string(),
      size: z.int(),
      received: z.string().nullable(),
      gaps: z.int(),
      lost: z.int(),
    }),
  ),
});

type Known = z.infer<typeof knownSchema>['journals'][number];

/** `halligan machine …`: machines that report what happens on them. */
export function machineCommands(context: Context): Command {
  const machine = new Command('machine').description('machines that report what happens on them');
  machine
    .command('add')
    .description('enrol a machine by the key of its journal, or many of them')
    .argument('[id]', 'its id')
    .option('--log-key <file>', 'the verifier key of its journal, as the machine made it')
    .option('--list <file>', 'a line for each machine: id and key')
    .option('--fleet <name>', 'what they are called together', 'machines')
    .option('--replace', 'a machine that was set up anew: its new key in place of the old', false)
    .action((id: string | undefined, asked: Addition & { fleet: string }) =>
      add(context, id, asked),
    );
  machine
    .command('list')
    .description('every machine, how much of it is here, and what is missing')
    .action(() => list(context));
  machine
    .command('show')
    .description('one machine: its key, and the journals that are here of it')
    .argument('<id>', 'its id')
    .action((id: string) => showOne(context, id));
  machine.addCommand(reportsCommand(context));
  machine
    .command('retire')
    .description('take no more reports of machines')
    .argument('<ids...>', 'their ids')
    .requiredOption('--reason <text>', 'why, in your own words')
    .option('--fleet <name>', 'what they are called together', 'machines')
    .action((ids: readonly string[], asked: { reason: string; fleet: string }) =>
      retire(context, ids, asked),
    );
  return machine;
}

async function add(
  context: Context,
  id: string | undefined,
  asked: Addition & { readonly fleet: string },
): Promise<void> {
  const device = await context.device();
  const { state } = await device.prove();
  const enrol = await enrolments(context, state, id, asked);
  for (const part of parts(enrol)) await put(device, asked.fleet, { enrol: part });
  const enrolled = enrol.map((one) => one.id);
  show(context.terminal, { enrolled }, [
    `Enrolled: ${enrolled.length === 1 ? enrolled[0] : `${enrolled.length} machines`}. Their reports are taken from now on.`,
    'Next: halligan machine list.',
  ]);
}

async function retire(
  context: Context,
  ids: readonly string[],
  { reason, fleet }: { readonly reason: string; readonly fleet: string },
): Promise<void> {
  const device = await context.device();
  for (const part of parts(ids)) await put(device, fleet, { retire: part, reason });
  show(context.terminal, { retired: ids }, [
    `Retired: ${ids.join(', ')}. What they reported stays. Next: halligan machine list.`,
  ]);
}

/** Signs a list, upon what is on the record now, and sends it. */
async function put(device: Device, fleet: string, changes: object): Promise<void> {
  const proven = await device.prove();
  const entry = { v: 'halligan/inventory/v1', add: 'machines', id: fleet, ...changes };
  const document = plainJson(entry);
  inventoryOf(document);
  const signed = [await signEntry(device, proven, entry)];
  await device.api.post('/v1/statements', { signed, document });
}

function parts<T>(all: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(all.length / A_LIST);
  return Array.from({ length: count }, (_, at) => all.slice(at * A_LIST, (at + 1) * A_LIST));
}

/** What the record says of machines, and what the server says that it has of them. */
async function looked(context: Context) {
  const device = await context.device();
  const { state } = await device.prove();
  await device.signIn();
  const { journals } = knownSchema.parse(await device.api.get('/v1/machines'));
  return { state, journals };
}

async function list(context: Context): Promise<void> {
  const { state, journals } = await looked(context);
  const byKey = new Map(journals.map((one) => [one.logKey, one]));
  const machines = Object.entries(state.machines ?? {}).map(([id, one]) =>
    described(id, one, byKey.get(one.logKey)),
  );
  show(
    context.terminal,
    { machines },
    machines.length === 0
      ? ['No machines. Enrol one: halligan machine add.']
      : machines.map(
          ({ id, fleet, standing, size, received, gaps }) =>
            `${id.padEnd(24)} ${standing.padEnd(9)} ${String(size).padStart(9)} reports  ${gaps === 0 ? '' : `${gaps} gaps  `}last ${received ?? 'never'}  ${fleet}`,
        ),
  );
}

async function showOne(context: Context, id: string): Promise<void> {
  const { state, journals } = await looked(context);
  const machine = machineOf(state, id);
  if (machine === undefined)
    throw new HalliganError(
      'cli.machine',
      'There is no such machine.',
      'See halligan machine list.',
    );
  const own = journals.filter((one) => one.machine === id);
  const now = described(
    id,
    machine,
    own.find(({ logKey }) => logKey === machine.logKey),
  );
  const replaced = own.filter(({ logKey }) => logKey !== machine.logKey);
  const { forked } = machine;
  show(context.terminal, { ...now, ...(forked === undefined ? {} : { forked }), replaced }, [
    `${id} of ${now.fleet}: ${now.standing}`,
    `  key ${visible(now.logKey)}, since ${machine.since}`,
    `  ${now.size} reports, the last came ${now.received ?? 'never'}; ${now.gaps} gaps, ${now.lost} known to be lost`,
    ...(forked === undefined
      ? []
      : [`  signed two histories at ${forked.size} reports: known since ${forked.at}`]),
    ...replaced.map(({ logKey, size }) => `  before: ${size} reports by ${visible(logKey)}`),
    `Next: halligan machine reports ${id}.`,
  ]);
}

function described(id: string, { fleet, logKey, since, retired, forked }: Machine, known?: Known) {
  const standing = retired !== undefined ? 'retired' : forked !== undefined ? 'forked' : 'enrolled';
  const { size = 0, received = null, gaps = 0, lost = 0 } = known ?? {};
  return { id, fleet, standing, logKey, since, size, received, gaps, lost };
}
