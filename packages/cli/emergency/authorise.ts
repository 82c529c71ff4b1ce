import { textAttachment } from '@halligan/statement';
import type { Device } from '../device.ts';
import { about, look } from './find.ts';
import { sayWhy } from './say-why.ts';

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

export function refuse(device: Device, prefix: string | undefined, reason: string): Promise<void> {
  return sayWhy(device, prefix, 'refuse', reason);
}

export async function takePart(
  device: Device,
  prefix: string | undefined,
  asked: {
    readonly role: 'second' | 'witness' | 'executive';
    readonly together: 'in-person' | 'video';
    readonly title?: string;
  },
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const attachments = asked.title === undefined ? [] : [textAttachment(asked.title)];
  const [title] = attachments;
  await device.say(
    proven,
    'take-part',
    {
      ...about(emergency),
      role: asked.role,
      together: asked.together,
      ...(title === undefined ? {} : { title: title.digest }),
    },
    { attachments },
  );
}
