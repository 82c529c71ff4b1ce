import { type DrillRecord, drillHistory, lastTested, type Measures } from '@halligan/procedure';
import { Command } from 'commander';
import { z } from 'zod';
import { type Context, show } from '../commands.ts';
import type { Device } from '../device.ts';

const listed = z.object({
  emergencies: z.array(z.looseObject({ id: z.string(), account: z.string(), drill: z.boolean() })),
});

/** `halligan drill list | show`: what drills measured, and when each account was last tested. */
export function drillHistoryCommands(context: Context): Command {
  const drill = new Command('drill').description(
    'practise the procedure; what was measured, and last tested',
  );
  drill
    .command('list')
    .description('every drill, the latest first, proven on this device')
    .action(async () => {
      const drills = await historyOf(await context.device());
      show(
        context.terminal,
        { drills },
        drills.length === 0
          ? ['No drills yet: halligan emergency declare --drill.']
          : drills.map(
              (one) =>
                `${one.emergency.slice(0, 12)}  ${one.account.padEnd(24)} ${one.at}  ${formOf(one).padEnd(11)} ${one.outcome.padEnd(7)} ${one.tested ? 'tested' : 'tested nothing'}`,
            ),
      );
    });
  drill
    .command('show')
    .description('one drill’s times')
    .argument('<drill>', 'beginning of its id')
    .action(async (prefix: string) => {
      const drills = await historyOf(await context.device(), prefix);
      show(
        context.terminal,
        { drills },
        drills.flatMap((one) => [
          `${one.emergency.slice(0, 12)}  ${one.account}  ${formOf(one)}  ${one.outcome}`,
          ...measureLines(one.measures),
        ]),
      );
    });
  drill
    .command('tested')
    .description('when an account was last shown to work; a tabletop never does')
    .argument('<account>', 'which account')
    .action(async (account: string) => {
      const device = await context.device();
      const tested = (await provenOf(device, (one) => one.account === account))
        .map(({ state }) => lastTested(state, account) ?? '')
        .sort()
        .at(-1);
      const at = tested === '' ? undefined : tested;
      show(context.terminal, { account, tested: at ?? null }, [
        `${account}: ${at ?? 'never tested'}`,
      ]);
    });
  return drill;
}

async function historyOf(device: Device, prefix = ''): Promise<readonly DrillRecord[]> {
  const proven = await provenOf(device, (one) => one.drill && one.id.startsWith(prefix));
  return proven
    .flatMap(({ id, state }) => drillHistory(state).filter(({ emergency }) => emergency === id))
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

async function provenOf(
  device: Device,
  which: (one: z.infer<typeof listed>['emergencies'][number]) => boolean,
) {
  await device.signIn();
  const { emergencies } = listed.parse(await device.api.get('/v1/emergencies'));
  const proven = [];
  for (const { id, account } of emergencies.filter(which)) {
    const { state } = await device.prove({ emergency: id, account });
    proven.push({ id, state });
  }
  return proven;
}

function formOf({ scenario }: DrillRecord): string {
  return scenario?.form ?? 'technical';
}

function measureLines(measures: Measures): readonly string[] {
  const names: readonly (readonly [string, keyof Measures])[] = [
    ['to the first alert', 'toAlert'],
    ['to the approval', 'toAuthorise'],
    ['to the quorum', 'toQuorum'],
    ['until it was shown', 'toReveal'],
    ['from the end to the reset', 'toReset'],
    ['to the close', 'toClose'],
  ];
  return names.map(([name, key]) => {
    const seconds = measures[key];
    return `  ${name.padEnd(28)} ${seconds === null ? '—' : `${Math.floor(seconds / 60)} min ${seconds % 60} s`}`;
  });
}
