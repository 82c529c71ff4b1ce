import { digestOf } from '@halligan/format';
import { textAttachment } from '@halligan/statement';
import type { Device } from '../device.ts';
import { about, look } from './find.ts';

/** The executive's written word on a solo access. */
export async function signOff(
  device: Device,
  prefix: string | undefined,
  agreed: boolean,
  words: string,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const text = textAttachment(words);
  const document = { v: 'halligan/sign-off/v1', emergency: emergency.id, agreed };
  await device.say(
    proven,
    'attest',
    { ...about(emergency), what: 'sign-off', digest: digestOf(document), text: text.digest },
    { document, attachments: [text] },
  );
}

/** That an approver was told what was decided in their silence. */
export async function attestNotification(
  device: Device,
  prefix: string | undefined,
  told: {
    readonly person: string;
    readonly channel: 'phone' | 'message' | 'email' | 'in-person';
    readonly at: string;
  },
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const document = { v: 'halligan/notification/v1', emergency: emergency.id, ...told };
  await device.say(
    proven,
    'attest',
    { ...about(emergency), what: 'notification', digest: digestOf(document) },
    { document },
  );
}
