import { digestOf } from '@halligan/format';
import {
  type AccessChange,
  accessChanges,
  type OldCredential,
  recordOf,
} from '@halligan/procedure';
import { type Attachment, type PlainAttachment, textAttachment } from '@halligan/statement';
import { type Device, emergencyIn } from '../device.ts';
import { about, findEmergency, look } from './find.ts';
import { PATIENCE } from './use.ts';

export async function signRecord(device: Device, prefix: string | undefined): Promise<string> {
  const { proven, emergency } = await look(device, prefix);
  const digest = digestOf(recordOf(proven.state, emergency));
  await device.say(proven, 'attest', { ...about(emergency), what: 'record', digest });
  // Over, however it ended: what could open its shares again is not kept.
  for (const { recipient } of emergency.openings) await device.home.forgetOneTime(recipient);
  return digest;
}

/** Signs which scans are the pages of the record that both signed on paper. */
export async function signPages(
  device: Device,
  prefix: string | undefined,
  scans: readonly (Attachment | PlainAttachment)[],
): Promise<string> {
  const { proven, emergency } = await look(device, prefix);
  const record = digestOf(recordOf(proven.state, emergency));
  const before = emergency.record?.digest === record ? emergency.record.pages : undefined;
  // The second to sign names the scans that the first handed in: another scan of the same page is another file.
  const pages = before ?? scans.map(({ digest }) => digest);
  const document = {
    v: 'halligan/record-pages/v1',
    emergency: emergency.id,
    record,
    pages: [...pages],
  };
  await device.say(
    proven,
    'attest',
    { ...about(emergency), what: 'pages', digest: digestOf(document) },
    { document, attachments: before === undefined ? scans : [] },
  );
  return record;
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

/** A reset: the new version, and what became of the used credential. */
export interface Reset {
  readonly version: number;
  readonly old: OldCredential;
  /** What else lets in that was not there before, or is no more. */
  readonly changes: readonly AccessChange[];
}

/** Waits until the record says that the credential was reset. */
export async function awaitReset(device: Device, prefix: string | undefined): Promise<Reset> {
  const { id, account } = await findEmergency(device, prefix);
  return device.until(async () => {
    const proven = await device.prove({ emergency: id, account });
    const version = emergencyIn(proven, id).reset?.version;
    const now = proven.state.accounts[account];
    const proof = version === undefined ? undefined : now?.versions[version]?.proven;
    if (version === undefined || now === undefined || proof === undefined) return undefined;
    return { version, old: proof.old, changes: accessChanges(now, version) };
  }, PATIENCE);
}

/** Waits until the prover attested the exercise. */
export async function awaitExercise(device: Device, prefix: string | undefined): Promise<number> {
  const { id, account } = await findEmergency(device, prefix);
  return device.until(
    async () => emergencyIn(await device.prove({ emergency: id, account }), id).exercised?.version,
    PATIENCE,
  );
}

export async function close(device: Device, prefix: string | undefined): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  await device.say(proven, 'close', about(emergency));
}
