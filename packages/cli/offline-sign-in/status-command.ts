import { visible } from '@halligan/format';
import { Command } from 'commander';
import { z } from 'zod';
import { type Context, show } from '../commands.ts';
import { instantOf } from './breakglass-command.ts';
import { type Places, placesOf, requireRoot } from './places.ts';

/** What the agent says of itself. */
export const statusSchema = z.looseObject({
  enabled: z.boolean(),
  provider: z.enum(['online', 'offline']),
  now: z.number(),
  window: z
    .object({ openedAt: z.number(), endsAt: z.number(), by: z.string(), why: z.string() })
    .exactOptional(),
  people: z.array(
    z.looseObject({
      name: z.string(),
      kind: z.string(),
      disabled: z.boolean(),
      age: z.number().exactOptional(),
      wait: z.number().exactOptional(),
    }),
  ),
  left: z.array(z.string()).exactOptional(),
  machine: z
    .looseObject({
      since: z.number().exactOptional(),
      configuration: z.looseObject({
        file: z.string().exactOptional(),
        passedOver: z.array(z.string()),
        justification: z.string().exactOptional(),
      }),
      key: z.enum(['tpm', 'file']),
      record: z.looseObject({
        size: z.number(),
        handed: z.number(),
        stopped: z.string().exactOptional(),
      }),
    })
    .exactOptional(),
});

type Status = z.infer<typeof statusSchema>;

/** `halligan device status`. */
export function statusCommand(context: Context): Command {
  return placesOf(new Command('status'))
    .description('whether the provider is there, a window open, and of whom something is kept')
    .action(async (asked: Places) => {
      requireRoot(asked);
      const { ask } = await import('@halligan/device');
      const status = statusSchema.parse(await ask(asked.socket, { ask: 'status' }));
      show(context.terminal, status, statusLines(status));
    });
}

function statusLines(status: Status): readonly string[] {
  const { enabled, provider, window, people, left = [], machine } = status;
  const since = machine?.since === undefined ? '' : `, since ${instantOf(machine.since)}`;
  return [
    `Provider     ${provider}${since}`,
    `Feature      ${enabled ? 'enabled' : 'off'}${configured(machine)}`,
    window === undefined
      ? 'Window       closed'
      : `Window       open until ${instantOf(window.endsAt)}, by ${visible(window.by)}: ${visible(window.why)}`,
    ...(machine === undefined
      ? []
      : [
          `Key          ${machine.key === 'tpm' ? 'sealed to the TPM' : 'in a file'}`,
          `Record       ${machine.record.size} reports, ${machine.record.handed} of them with the server${machine.record.stopped === undefined ? '' : `, which takes no more: ${visible(machine.record.stopped)}`}`,
        ]),
    `People       ${people.length === 0 ? 'nobody has signed in here online' : people.length}`,
    ...people.map(
      (one) => `  ${visible(one.name).padEnd(24)} ${one.kind.padEnd(13)} ${standing(one)}`,
    ),
    ...(left.length === 0
      ? []
      : [
          `Left         ${left.map(visible).join(', ')}: enrolled here, and known by no name any more`,
        ]),
    next(status),
  ];
}

function configured(machine: Status['machine']): string {
  if (machine === undefined) return '';
  const { file = 'no file: the defaults', passedOver } = machine.configuration;
  const more = passedOver.length === 0 ? '' : `; passed over: ${passedOver.join(', ')}`;
  return ` (${file}${more})`;
}

function standing({ disabled, age, wait }: Status['people'][number]): string {
  if (disabled) return 'disabled, the provider says';
  const kept = age === undefined ? 'nothing kept' : `kept for ${duration(age)}`;
  return wait === undefined ? kept : `${kept}; waits ${duration(wait)} after wrong guesses`;
}

function next({ enabled, provider, window }: Status): string {
  if (!enabled) return 'Next: enabled = true in /etc/halligan/device.conf, before an outage.';
  if (window !== undefined) return 'Next: halligan device breakglass --ttl 0 ends the window.';
  return provider === 'offline'
    ? 'Next: halligan device breakglass --ttl 2h --why "…" opens a window.'
    : 'Next: halligan device doctor.';
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800
    ? `${Math.round(seconds / 3600)} h`
    : `${Math.round(seconds / 86_400)} d`;
}
