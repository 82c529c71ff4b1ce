import { digestOf, HalliganError, visible } from '@halligan/format';
import type { SystemDocument } from '@halligan/procedure';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { putEntry } from './entry.ts';
import { plainJson } from './signed-entry.ts';

interface Changes {
  readonly purpose?: string;
  readonly address?: string;
  readonly owner?: string;
  readonly support?: string;
  readonly dependsOn?: readonly string[];
  readonly symptom?: readonly string[];
}

/** `halligan system list | change | retire`: the inventory's word on systems. */
export function systemEntryCommands(context: Context): readonly Command[] {
  const list = new Command('list')
    .description('systems, what they need, whom to call')
    .action(async () => {
      const { state } = await (await context.device()).prove();
      const systems = Object.values(state.systems).map((one) => ({
        ...one,
        retired: state.standing.retired[one.id] !== undefined,
      }));
      show(
        context.terminal,
        { systems },
        systems.length === 0 ? ['No systems.'] : systems.flatMap(systemLines),
      );
    });
  const change = new Command('change')
    .description('change what the inventory says of a system')
    .argument('<id>', 'its id')
    .option('--purpose <text>', 'what it is for')
    .option('--address <address>', 'where people sign in directly')
    .option('--owner <person>', 'who answers for it')
    .option('--support <text>', 'the provider’s contacts')
    .option('--depends-on <systems...>', 'systems without which signing in here does not work')
    .option('--symptom <texts...>', 'what people see when it is needed')
    .action((id: string, asked: Changes) => changeSystem(context, id, asked));
  const retire = new Command('retire')
    .description('retire a system whose accounts are retired; another admin signs it')
    .argument('<id>', 'its id')
    .requiredOption('--reason <text>', 'why, in your own words')
    .requiredOption('--proposal <file>', 'write it for another admin to sign')
    .action(async (id: string, asked: { reason: string; proposal: string }) => {
      const proven = await (await context.device()).prove();
      const { reason, proposal } = asked;
      const entry = { v: 'halligan/inventory/v1', add: 'retirement', of: 'system', id, reason };
      await putEntry(context, proven, entry, { proposal, done: '' });
    });
  return [list, change, retire];
}

async function changeSystem(context: Context, id: string, asked: Changes): Promise<void> {
  const proven = await (await context.device()).prove();
  const current = Object.hasOwn(proven.state.systems, id) ? proven.state.systems[id] : undefined;
  if (current === undefined)
    throw new HalliganError(
      'inventory.system',
      `There is no system “${id}”.`,
      'See halligan system list.',
    );
  const { dependsOn, symptom, ...plain } = asked;
  const entry = {
    ...current,
    ...plain,
    ...(dependsOn === undefined ? {} : { depends_on: dependsOn }),
    ...(symptom === undefined ? {} : { symptoms: symptom }),
    previous: digestOf(plainJson(current)),
  };
  await putEntry(context, proven, entry, { done: `Changed ${id}. See halligan system list.` });
}

function systemLines(system: SystemDocument & { readonly retired: boolean }): readonly string[] {
  const { id, purpose, address, owner, support, depends_on = [], retired } = system;
  return [
    `${id.padEnd(24)} ${retired ? 'retired  ' : ''}${visible(purpose)}`,
    `  sign in: ${visible(address)}   owner: ${owner}`,
    `  support: ${support === undefined ? 'not known' : visible(support)}`,
    ...(depends_on.length === 0 ? [] : [`  needs: ${depends_on.join(', ')}`]),
  ];
}
