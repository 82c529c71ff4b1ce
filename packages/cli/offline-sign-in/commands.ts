import type { Configuration } from '@halligan/device';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { pamCommands } from './pam/commands.ts';

/** `halligan device`: offline sign-in on this Linux machine. */
export function deviceCommands(context: Context): Command {
  const device = new Command('device').description('offline sign-in on this Linux machine');
  device
    .command('config')
    .description('what is configured, as it was understood, and in which file')
    .option('--config <file>', 'this file, in place of those that are looked for')
    .action((asked: { config?: string }) => showConfiguration(context, asked.config));
  device.addCommand(pamCommands(context));
  return device;
}

async function showConfiguration({ terminal }: Context, file: string | undefined): Promise<void> {
  const { configurationOn } = await import('@halligan/device');
  const configuration = await configurationOn(file);
  show(terminal, configuration, configurationLines(configuration));
}

function configurationLines(configuration: Configuration): readonly string[] {
  const { enabled, ttlSeconds, maxTtlSeconds, file, passedOver, provider, server } = configuration;
  const line = (key: string, value: unknown) => `${key.padEnd(15)}${value}`;
  return [
    line('enabled', enabled),
    line('ttl', `${ttlSeconds} s`),
    line('max_ttl', `${maxTtlSeconds} s`),
    line('justification', configuration.justification ?? 'none: say why it is enabled'),
    line('second_factor', configuration.secondFactor),
    line('passwordless', configuration.passwordless),
    line('allow_users', configuration.allowUsers?.join(' ') ?? 'everybody'),
    line('allow_groups', configuration.allowGroups?.join(' ') ?? 'everybody'),
    line('allow_remote', configuration.allowRemote.join(' ') || 'no service'),
    line('max_sign_ins', configuration.maxSignIns ?? 'without a limit'),
    line('verifier_days', configuration.verifierSeconds / 86_400),
    line('provider', provider?.kind ?? 'none: nobody can sign in online'),
    line('server', server?.url ?? 'none: the record stays here'),
    line('tpm', configuration.tpm),
    line('from', file ?? 'no file: these are the defaults'),
    ...passedOver.map((path) => line('passed over', path)),
  ];
}
