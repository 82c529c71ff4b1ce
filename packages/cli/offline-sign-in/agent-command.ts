import { HalliganError } from '@halligan/format';
import { Command } from 'commander';
import { becomeAgent } from './become-agent.ts';
import { type Places, placesOf, requireRoot } from './places.ts';

/**
 * `halligan device agent`: becomes the agent. It got as far as this because something besides was asked for, as `--json`: what
 * is wrong with the configuration is said in that form.
 */
export function agentCommand(): Command {
  return placesOf(new Command('agent'))
    .description('run the agent of this machine, in the foreground (as root)')
    .option('--config <file>', 'this file, in place of those that are looked for')
    .action(async (asked: Places & { config?: string }) => {
      requireRoot(asked);
      const { configurationOn } = await import('@halligan/device');
      await configurationOn(asked.config);
      becomeAgent(asked);
      throw new HalliganError(
        'device.platform',
        'The agent is for Linux machines.',
        'Run it on the machine that people sign in to.',
      );
    });
}
