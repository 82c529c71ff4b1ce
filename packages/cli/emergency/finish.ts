import { digestOf } from '@halligan/format';
import { recordOf } from '@halligan/procedure';
import { textAttachment } from '@halligan/statement';
import { z } from 'zod';
import { type Device, emergencyIn } from '../device.ts';
import { about, findEmergency, look } from './find.ts';
import { PATIENCE } from './use.ts';

export async function signRecord(device: Device, prefix: string | undefined): Promise<string> {
  const { proven, emergency } = await look(device, prefix);
  const digest = digestOf(recordOf(proven.state, emergency));
  await device.say(proven, 'attest', { ...about(emergency), what: 'record', digest });
  return digest;
}

export async function submitRecord(
  device: Device,
  prefix: string | undefined,
  reference: string,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const text = textAttachment(reference);
  await device.say(
    proven,
    'attest',
    {
      ...about(emergency),
      what: 'submission',
      digest: digestOf(recordOf(proven.state, emergency)),
      text: text.digest,
    },
    { attachments: [text] },
  );
}

/** Waits until the record says that the credential was reset. */
export async function awaitReset(device: Device, prefix: string | undefined): Promise<number> {
  const { id, account } = await findEmergency(device, prefix);
  return device.until(
    async () => emergencyIn(await device.prove({ emergency: id, account }), id).reset?.version,
    PATIENCE,
  );
}

/** Waits until the prover attested the exercise. */
export async function awaitExercise(device: Device, prefix: string | undefined): Promise<number> {
  const { id, account } = await findEmergency(device, prefix);
  return device.until(
    async () => emergencyIn(await device.prove({ emergency: id, account }), id).exercised?.version,
    PATIENCE,
  );
}

/** A review document as a reviewer reads and signs it: all reviewers sign the same. */
export async function review(
  device: Device,
  prefix: string | undefined,
  document: unknown,
  action: string | undefined,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const attached = action === undefined ? [] : [textAttachment(action)];
  await device.say(
    proven,
    'attest',
    { ...about(emergency), what: 'review', digest: digestOf(z.json().parse(document)) },
    { document, attachments: attached },
  );
}

export async function close(device: Device, prefix: string | undefined): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  await device.say(proven, 'close', about(emergency));
}
