import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration, PamState } from '@halligan/device';
import { visible } from '@halligan/format';
import { Command } from 'commander';
import type { z } from 'zod';
import { type Context, show } from '../commands.ts';
import { type Check, checkLines, fail, failed, ok, warn } from '../doctor/check.ts';
import { EXIT } from '../exit-codes.ts';
import { type Places, placesOf, requireRoot } from './places.ts';
import { statusSchema } from './status-command.ts';

type Status = z.infer<typeof statusSchema>;

/**
 * `halligan device doctor`: would people get in tonight, and nobody else?
 * @param exits 1 where anything fails
 */
export function deviceDoctorCommand(context: Context, exits: (code: number) => void): Command {
  return placesOf(new Command('doctor'))
    .description(
      'would people get in tonight, and nobody else? each finding with its fix (as root)',
    )
    .option('--config <file>', 'this file, in place of those that are looked for')
    .action(async (asked: Places & { config?: string }) => {
      requireRoot(asked);
      const checks = await deviceChecks(asked);
      show(context.terminal, { ok: isWell(checks), checks }, checkLines(checks));
      if (!isWell(checks)) exits(EXIT.failed);
    });
}

function isWell(checks: readonly Check[]): boolean {
  return checks.every(({ level }) => level !== 'fail');
}

/** Everything that the doctor looks at. */
async function deviceChecks({
  folder,
  socket,
  config,
}: Places & { readonly config?: string }): Promise<readonly Check[]> {
  const { ask, configurationOn, diskOf, pamState } = await import('@halligan/device');
  const configuration = await configurationOn(config).catch((error: unknown) => error);
  const status = await ask(socket, { ask: 'status' })
    .then((answer) => statusSchema.parse(answer))
    .catch((error: unknown) => error);
  return [
    ...(isConfiguration(configuration)
      ? configurationChecks(configuration)
      : [failed('configuration', configuration)]),
    ...(isStatus(status) ? statusChecks(status) : [failed('agent', status)]),
    ...folderChecks(folder),
    diskCheck(diskOf(folder)),
    pamCheck(pamState()),
  ];
}

function isConfiguration(what: unknown): what is Configuration {
  return what !== null && typeof what === 'object' && 'passedOver' in what;
}

function isStatus(what: unknown): what is Status {
  return !(what instanceof Error);
}

function configurationChecks(configuration: Configuration): readonly Check[] {
  const { enabled, file, passedOver, provider, justification, secondFactor } = configuration;
  const from = file ?? 'no file: these are the defaults';
  return [
    passedOver.length === 0
      ? ok('configuration', from)
      : warn(
          'configuration',
          `${from}; passed over: ${passedOver.join(', ')}`,
          'Keep one of them.',
        ),
    provider === undefined
      ? fail('provider', 'none is configured', 'Write [provider]: docs/formats/device-conf.md.')
      : ok('provider', provider.kind),
    enabled
      ? ok('feature', 'enabled: while a window is open, what is kept of passwords is taken')
      : warn('feature', 'off: people of several factors get in online alone', 'enabled = true'),
    ...(enabled ? costChecks(justification, secondFactor) : []),
  ];
}

function costChecks(
  justification: string | undefined,
  secondFactor: Configuration['secondFactor'],
): readonly Check[] {
  return [
    justification === undefined
      ? warn('justification', 'nobody has said why it is enabled', 'Write justification = ….')
      : ok('justification', visible(justification)),
    secondFactor === 'required'
      ? ok('second factor', 'required')
      : warn(
          'second factor',
          `${secondFactor}: inside a window a password alone may let people in`,
          'second_factor = required, once people have one: halligan device factor.',
        ),
  ];
}

function statusChecks({ now, provider, window, machine, people }: Status): readonly Check[] {
  const behind = now - Date.now() / 1000;
  const { key, record } = machine ?? {};
  return [
    ok('agent', `answers; ${people.length} people are known here`),
    provider === 'online'
      ? ok('reachable', 'the provider is there')
      : warn('reachable', 'the provider is not there', 'Is it an outage? halligan device status.'),
    ...(window === undefined
      ? []
      : [warn('window', 'one is open', 'halligan device breakglass --ttl 0 ends it.')]),
    behind > 60
      ? warn(
          'clock',
          `${Math.round(behind)} s behind what it has shown before`,
          'Set it (timedatectl). Windows and verifiers go by the later time meanwhile.',
        )
      : ok('clock', 'not behind what it has shown before'),
    key === 'tpm'
      ? ok('machine key', 'sealed to the TPM')
      : warn(
          'machine key',
          'in a file: whoever copies this disk can guess passwords elsewhere',
          'With a TPM: tpm = required, and begin anew (docs/guides/offline-sign-in.md).',
        ),
    record?.stopped === undefined
      ? ok('record', `${record?.size ?? 0} reports, ${record?.handed ?? 0} with the server`)
      : fail(
          'record',
          `the server takes no more: ${visible(record.stopped)}`,
          'halligan machine show, by an admin. It is asked again by and by; at once: systemctl reload halligan-device.',
        ),
  ];
}

/** That nobody but root reads what is kept. */
function folderChecks(folder: string): readonly Check[] {
  try {
    const wrong = ['', ...readdirSync(folder)]
      .map((name) => join(folder, name))
      .filter((path) => {
        const found = statSync(path);
        // What Node keeps compiled may be read: it is code. All of it lies behind the folder's own mode.
        const isCode = found.isDirectory() && path !== join(folder, '');
        return (found.mode & (isCode ? 0o022 : 0o077)) !== 0 || found.uid !== process.getuid?.();
      });
    return wrong.length === 0
      ? [ok('folder', `${folder}, its owner’s alone`)]
      : [
          fail(
            'folder',
            `others may read ${wrong.join(', ')}`,
            'chown root, chmod go=, and ask why.',
          ),
        ];
  } catch {
    return [fail('folder', `${folder} is not there`, 'systemctl start halligan-device.')];
  }
}

function diskCheck(state: 'encrypted' | 'plain' | 'unknown'): Check {
  if (state === 'encrypted') return ok('disk', 'encrypted (dm-crypt)');
  return warn(
    'disk',
    state === 'plain' ? 'not encrypted' : 'whether it is encrypted, the kernel does not say',
    'Encrypt it (LUKS): whoever takes the disk has all that is kept, and the key unless a TPM has it.',
  );
}

function pamCheck({ by, lines }: PamState): Check {
  if (by === undefined)
    return warn('PAM', 'does not ask the agent', 'halligan device pam install.');
  const files = new Set(lines.map((line) => line.slice(0, line.indexOf(':'))));
  return ok('PAM', `asks the agent by a ${by}: ${[...files].join(', ')}`);
}
