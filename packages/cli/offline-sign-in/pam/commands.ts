import type { Relay } from '@halligan/device';
import { Command, Option } from 'commander';
import { type Context, show } from '../../commands.ts';

/** `halligan device pam`: whether PAM asks the agent. */
export function pamCommands(context: Context): Command {
  const pam = new Command('pam').description(
    'let PAM ask the agent about those whom it does not know',
  );
  pam
    .command('install')
    .description('add it to PAM, once it has been tried out where it does not count')
    .addOption(
      new Option(
        '--by <how>',
        'a PAM module, compiled here, or a helper of pam_exec, which asks nothing but the password',
      ).choices(['module', 'helper']),
    )
    .option('--dry-run', 'try it out, show what would be in PAM, and change nothing')
    .action((asked: { by?: Relay['by']; dryRun?: true }) =>
      install(context, asked.by, asked.dryRun === true),
    );
  pam
    .command('remove')
    .description('take it out of PAM')
    .action(() => remove(context));
  pam
    .command('show')
    .description('whether PAM asks the agent, and by which lines')
    .action(() => showPam(context));
  return pam;
}

async function install(
  { terminal }: Context,
  by: Relay['by'] | undefined,
  isDryRun: boolean,
): Promise<void> {
  const { installPam } = await import('@halligan/device');
  const installed = await installPam(by, isDryRun, Temporal.Now.instant());
  const { lines, backup } = installed;
  show(terminal, installed, [
    isDryRun ? 'PAM would ask the agent, by:' : 'PAM asks the agent, by:',
    ...lines.map((line) => `  ${line}`),
    ...(backup === undefined
      ? ['Nothing has changed. Next: the same without --dry-run.']
      : [
          `The files of before are in ${backup}.`,
          'Keep this root shell open, and sign in from another before you close it.',
          'To take it back: halligan device pam remove',
        ]),
  ]);
}

async function remove({ terminal }: Context): Promise<void> {
  const { pamState, removePam } = await import('@halligan/device');
  removePam();
  show(terminal, pamState(), ['PAM does not ask the agent.']);
}

async function showPam({ terminal }: Context): Promise<void> {
  const { pamState } = await import('@halligan/device');
  const state = pamState();
  show(
    terminal,
    state,
    state.by === undefined
      ? ['PAM does not ask the agent. Next: halligan device pam install']
      : [`PAM asks the agent, by a ${state.by}:`, ...state.lines.map((line) => `  ${line}`)],
  );
}
