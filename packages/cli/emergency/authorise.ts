import { HalliganError } from '@halligan/format';
import { type StatementOf, textAttachment } from '@halligan/statement';
import type { Device } from '../device.ts';
import { about, look } from './find.ts';

export async function approve(
  device: Device,
  prefix: string | undefined,
  conditions: string | undefined,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const attached = conditions === undefined ? [] : [textAttachment(conditions)];
  const [first] = attached;
  await device.say(
    proven,
    'approve',
    {
      ...about(emergency),
      method: 'app',
      ...(first === undefined ? {} : { conditions: first.digest }),
    },
    { attachments: attached },
  );
}

export async function refuse(
  device: Device,
  prefix: string | undefined,
  reason: string,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const text = textAttachment(reason);
  await device.say(
    proven,
    'refuse',
    { ...about(emergency), reason: text.digest },
    { attachments: [text] },
  );
}

export async function takePart(
  device: Device,
  prefix: string | undefined,
  role: 'second' | 'witness',
  together: 'in-person' | 'video',
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  await device.say(proven, 'take-part', { ...about(emergency), role, together });
}

/** One try to reach an approver. */
export type Attempt = StatementOf<'exception'>['attempts'][number];

/** `dana:phone:2026-01-31T02:20:00Z`, as a person writes an attempt. @throws `cli.usage` */
export function attemptOf(text: string): Attempt {
  const [, person, channel, at] = /^([a-z0-9-]{1,63}):(phone|message|email):(.+)$/.exec(text) ?? [];
  if (
    person === undefined ||
    at === undefined ||
    (channel !== 'phone' && channel !== 'message' && channel !== 'email')
  ) {
    throw new HalliganError(
      'cli.usage',
      `“${text}” is no attempt.`,
      'Write person:phone|message|email:time, such as dana:phone:2026-01-31T02:20:00Z.',
    );
  }
  return { person, channel, at };
}

/** Invokes the silence exception: every approver was tried on every channel, and nobody answered. */
export async function invokeException(
  device: Device,
  prefix: string | undefined,
  attempts: readonly Attempt[],
  reason: string,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const text = textAttachment(reason);
  await device.say(
    proven,
    'exception',
    { ...about(emergency), attempts, reason: text.digest },
    { attachments: [text] },
  );
}
