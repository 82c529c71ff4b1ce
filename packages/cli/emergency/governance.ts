import { digestOf, HalliganError } from '@halligan/format';
import { governorsOf, openActions } from '@halligan/procedure';
import { type Attachment, type PlainAttachment, textAttachment } from '@halligan/statement';
import type { Device } from '../device.ts';
import { about, look } from './find.ts';

/** What goes to the governance recipient. */
export interface Violating {
  readonly what: string;
  /** Default: the recipient that the policy names. */
  readonly to?: string | undefined;
  /** Preserved logs. */
  readonly logs: readonly (Attachment | PlainAttachment)[];
  /** Whom it is recommended to suspend meanwhile. */
  readonly suspend: readonly string[];
}

/** Escalates a violation or an unexplained action. @returns to whom */
export async function escalate(
  device: Device,
  prefix: string | undefined,
  { what, to, logs, suspend }: Violating,
): Promise<string> {
  const { proven, emergency } = await look(device, prefix);
  const recipient = to ?? governorsOf(proven.state, emergency)[0] ?? '';
  const text = textAttachment(what);
  const document = {
    v: 'halligan/escalation/v1',
    emergency: emergency.id,
    to: recipient,
    what: text.digest,
    logs: logs.map(({ digest }) => digest),
    suspend: [...suspend],
  };
  await device.say(
    proven,
    'attest',
    { ...about(emergency), what: 'escalation', digest: digestOf(document) },
    { document, attachments: [text, ...logs] },
  );
  return recipient;
}

/** Attests that a corrective action is done. @param prefixOfAction may be left out while only one is open */
export async function actionDone(
  device: Device,
  prefix: string | undefined,
  prefixOfAction: string | undefined,
  text: string | undefined,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const open = openActions(emergency).filter(
    ({ what }) => prefixOfAction === undefined || what.startsWith(prefixOfAction),
  );
  const mine = open.filter(({ owner }) => owner === device.person);
  const [action, ...others] = mine.length > 0 ? mine : open;
  if (action === undefined || others.length > 0)
    throw new HalliganError(
      'cli.which',
      action === undefined ? 'No corrective action is open.' : 'More than one action is open.',
      `Name one by the beginning of its digest: ${open.map(({ what }) => what.slice(0, 12)).join(', ')}.`,
    );
  const attached = text === undefined ? [] : [textAttachment(text)];
  const [named] = attached;
  await device.say(
    proven,
    'attest',
    {
      ...about(emergency),
      what: 'action',
      digest: action.what,
      ...(named === undefined ? {} : { text: named.digest }),
    },
    { attachments: attached },
  );
}

/** An event in the provider's log: when and where it stands, or why it is not there. */
export interface Sought {
  readonly original: string;
  readonly test: string;
  readonly change: string;
}

/**
 * Attests the three events: `<time>=<reference>` each, or `missing:<why>`.
 * @throws `cli.usage`
 */
export async function checkLog(
  device: Device,
  prefix: string | undefined,
  { original, test, change }: Sought,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const attachments: Attachment[] = [];
  const sought = (text: string) => {
    const missing = text.startsWith('missing:');
    const split = text.indexOf('=');
    if (!missing && (split < 0 || Number.isNaN(Date.parse(text.slice(0, split)))))
      throw new HalliganError(
        'cli.usage',
        `“${text}” names no event.`,
        'Write 2026-01-31T15:07:00Z=reference, or missing:why.',
      );
    const attached = textAttachment(
      missing ? text.slice('missing:'.length) : text.slice(split + 1),
    );
    attachments.push(attached);
    return missing
      ? { missing: attached.digest }
      : { at: new Date(text.slice(0, split)).toISOString(), reference: attached.digest };
  };
  const document = {
    v: 'halligan/verification/v1',
    emergency: emergency.id,
    version: emergency.exercised?.version ?? 0,
    original: sought(original),
    test: sought(test),
    change: sought(change),
    access: true,
    audit: true,
  };
  if (document.version === 0)
    throw new HalliganError(
      'verification.not-exercised',
      'The new version has not been exercised.',
      'Exercise it first: halligan emergency exercise.',
    );
  await device.say(
    proven,
    'attest',
    {
      ...about(emergency),
      what: 'verification',
      digest: digestOf(JSON.parse(JSON.stringify(document))),
    },
    { document, attachments },
  );
}
