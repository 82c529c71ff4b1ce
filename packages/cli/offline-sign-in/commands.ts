import type { Configuration } from '@halligan/device';
import { visible } from '@halligan/format';
import { Command } from 'commander';
import { type Context, show } from '../commands.ts';
import { agentCommand } from './agent-command.ts';
import { breakglassCommand } from './breakglass-command.ts';
import { deviceDoctorCommand } from './doctor-command.ts';
import { factorCommands, pinCommands } from './factor-commands.ts';
import { pamCommands } from './pam/commands.ts';
import { type Places, placesOf, requireRoot } from './places.ts';
import { recordCommand } from './record-command.ts';
import { statusCommand } from './status-command.ts';
import { unitCommand } from './unit-command.ts';

/** `halligan device`: offline sign-in on this Linux machine. @param exits 1 where the doctor finds that anything fails */
export function deviceCommands(context: Context, exits: (code: number) => void): Command {
  const device = new Command('device').description('offline sign-in on this Linux machine');
  device
    .command('config')
    .description('what is configured, as it was understood, and in which file')
    .option('--config <file>', 'this file, in place of those that are looked for')
    .action((asked: { config?: string }) => showConfiguration(context, asked.config));
  device.addCommand(pamCommands(context));
  device.addCommand(agentCommand());
  device.addCommand(breakglassCommand(context));
  device.addCommand(statusCommand(context));
  device.addCommand(forgetCommand(context));
  device.addCommand(factorCommands(context));
  device.addCommand(pinCommands(context));
  device.addCommand(recordCommand(context));
  device.addCommand(deviceDoctorCommand(context, exits));
  device.addCommand(unitCommand(context));
  return device;
}

/** `halligan device forget NAME`. */
function forgetCommand({ terminal }: Context): Command {
  return placesOf(new Command('forget'))
    .description('forget what is kept of somebody on this machine (as root)')
    .argument('<name>', 'as it is typed')
    .action(async (name: string, asked: Places) => {
      requireRoot(asked);
      const { ask } = await import('@halligan/device');
      await ask(asked.socket, { ask: 'forget', name });
      show(terminal, { forgotten: name }, [
        `Nothing is kept of ${visible(name)} any more: they sign in online once more.`,
        'Next: halligan device status.',
      ]);
    });
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
