import { type Attachment, textAttachment } from '@halligan/statement';
import type { Device } from '../device.ts';
import { causeOf } from './declare.ts';
import { about, look } from './find.ts';

/** What is true now, where a drill only simulated it. */
export interface Conversion {
  readonly reason: string;
  readonly cause?: string;
  readonly evidence: readonly Attachment[];
  readonly attestation?: string;
  readonly incident?: string;
}

/** Makes a drill real, by one statement that is signed for real. @returns the emergency's id: it stays the same */
export async function convert(
  device: Device,
  prefix: string | undefined,
  asked: Conversion,
): Promise<string> {
  const { proven, emergency } = await look(device, prefix);
  const reason = textAttachment(asked.reason);
  const [attestation] = asked.attestation === undefined ? [] : [textAttachment(asked.attestation)];
  const [incident] = asked.incident === undefined ? [] : [textAttachment(asked.incident)];
  await device.say(
    proven,
    'convert',
    {
      ...about(emergency),
      purpose: 'real',
      reason: reason.digest,
      ...(asked.cause === undefined ? {} : { cause: causeOf(asked.cause) }),
      ...(asked.evidence.length === 0
        ? {}
        : { evidence: asked.evidence.map(({ digest }) => digest) }),
      ...(attestation === undefined ? {} : { attestation: attestation.digest }),
      ...(incident === undefined ? {} : { incident: incident.digest }),
    },
    {
      attachments: [reason, ...asked.evidence, attestation, incident].filter(
        (one) => one !== undefined,
      ),
    },
  );
  return emergency.id;
}
