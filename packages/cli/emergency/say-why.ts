import { textAttachment } from '@halligan/statement';
import type { Device } from '../device.ts';
import { about, look } from './find.ts';

/** Says no to an emergency, or to what is left of one, with a reason that is on the record by its digest alone. */
export async function sayWhy(
  device: Device,
  prefix: string | undefined,
  kind: 'refuse' | 'abort',
  reason: string,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const text = textAttachment(reason);
  await device.say(
    proven,
    kind,
    { ...about(emergency), reason: text.digest },
    { attachments: [text] },
  );
}
