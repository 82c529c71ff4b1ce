import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HalliganError } from '@halligan/format';
import { Command } from 'commander';
import about from '../package.json' with { type: 'json' };
import { type Places, placesOf, requireRoot } from './places.ts';

/**
 * How Node is started for an agent, which stays for months in little memory: little room for garbage, of which it makes
 * little, and no inspector by a signal.
 */
export const AGENT_FLAGS = ['--max-semi-space-size=1', '--disable-sigusr1'] as const;

/** The agent's program. */
export function agentProgram(): string {
  const index = fileURLToPath(import.meta.resolve('@halligan/device'));
  return join(index, '..', 'agent', 'program.ts');
}

/** `halligan device agent`: becomes the agent, in this very process, so with its id. */
export function agentCommand(): Command {
  return placesOf(new Command('agent'))
    .description('run the agent of this machine, in the foreground (as root)')
    .option('--config <file>', 'this file, in place of those that are looked for')
    .action(async (asked: Places & { config?: string }) => {
      const { folder, socket, config } = asked;
      requireRoot(asked);
      if (process.execve === undefined)
        throw new HalliganError(
          'device.platform',
          'The agent is for Linux machines.',
          'Run it on the machine that people sign in to.',
        );
      // Whoever starts it by hand is told here what would not work, as of every command.
      const { configurationOn, requireProvider } = await import('@halligan/device');
      requireProvider((await configurationOn(config)).provider);
      const places = ['--folder', folder, '--socket', socket, '--version', about.version];
      const more = config === undefined ? [] : ['--config', config];
      process.execve(
        process.execPath,
        [process.execPath, ...AGENT_FLAGS, agentProgram(), ...places, ...more],
        { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
      );
    });
}
