import { utf8Text, visible } from '@halligan/format';
import { dryRun, readSystemConfig } from '@halligan/systems';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';

/** `halligan system dry-run`: what declared settings would do, before two admins sign for them. Nothing is sent or run. */
export function dryRunCommand(context: Context): Command {
  return new Command('dry-run')
    .description(
      'what declared requests or programs would do to an account; sends and runs nothing',
    )
    .requiredOption('--driver-config <file>', 'YAML or JSON; see docs/systems')
    .requiredOption('--account <name>', 'the account, as the system calls it')
    .action(async ({ driverConfig, account }: { driverConfig: string; account: string }) => {
      const config = readSystemConfig(utf8Text(await context.readFile(driverConfig)));
      const steps = dryRun(config, account).map(({ step, lines }) => ({ step, lines: [...lines] }));
      show(
        context.terminal,
        { steps },
        steps.flatMap(({ step, lines }) => [step, ...lines.map((line) => `  ${visible(line)}`)]),
      );
    });
}
