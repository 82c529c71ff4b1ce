import type { Configuration } from '@halligan/device';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { configurationOn } from './configuration.ts';

/** `halligan device`: offline sign-in on this Linux machine. */
export function deviceCommands(context: Context): Command {
  const device = new Command('device').description('offline sign-in on this Linux machine');
  device
    .command('config')
    .description('what is configured, as it was understood, and in which file')
    .option('--config <file>', 'this file, in place of those that are looked for')
    .action((asked: { config?: string }) => showConfiguration(context, asked.config));
  return device;
}

async function showConfiguration({ terminal }: Context, file: string | undefined): Promise<void> {
  const configuration = await configurationOn(file);
  show(terminal, configuration, configurationLines(configuration));
}

function configurationLines(configuration: Configuration): readonly string[] {
  const { enabled, ttlSeconds, maxTtlSeconds, file } = configuration;
  return [
    `enabled    ${enabled}`,
    `ttl        ${ttlSeconds} s`,
    `max_ttl    ${maxTtlSeconds} s`,
    `from       ${file ?? 'no file: these are the defaults'}`,
  ];
}
