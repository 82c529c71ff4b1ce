import { digestOf, HalliganError, type Json, utf8Text } from '@halligan/format';
import { type Emergency, holdsOn, type Keeping, type KeepingDocument } from '@halligan/procedure';
import { type Attachment, textAttachment } from '@halligan/statement';
import type { Device } from '../device.ts';
import { about, look } from '../emergency/find.ts';
import { recordText } from './record-texts.ts';

/** What became of a decision once it was signed. */
export interface Kept {
  readonly emergency: string;
  readonly document: KeepingDocument;
  readonly signedBy: readonly string[];
  /** Whether the second signature was this one: it holds now. */
  readonly decided: boolean;
}

/** Decides something anew, or signs what somebody else decided: the same document. */
export async function keep(
  device: Device,
  prefix: string | undefined,
  proposal: (emergency: Emergency) => {
    readonly document: KeepingDocument;
    readonly attachments: readonly Attachment[];
  },
): Promise<Kept> {
  const { proven, emergency } = await look(device, prefix);
  const { document, attachments } = proposal(emergency);
  const digest = digestOf(document as Json);
  await device.say(
    proven,
    'attest',
    { ...about(emergency), what: 'keeping', digest },
    { document, attachments },
  );
  const { emergency: now } = await look(device, emergency.id);
  const pending = now.keeping?.proposals[digest];
  return {
    emergency: now.id,
    document,
    signedBy: pending?.signedBy ?? [],
    decided: pending === undefined,
  };
}

/** A hold, with its reason. */
export function newHold({ id }: Emergency, reason: string) {
  const text = textAttachment(reason);
  return {
    document: { v: 'halligan/keeping/v1', emergency: id, do: 'hold', reason: text.digest },
    attachments: [text],
  } as const;
}

/** The end of the one hold there is, or of the one that is named. @throws `cli.which`, `cli.no-hold` */
export function endOfHold(emergency: Emergency, reason: string, named: string | undefined) {
  const [found, ...others] = holdsOn(emergency).filter(({ hold }) => hold.startsWith(named ?? ''));
  if (found === undefined)
    throw new HalliganError(
      'cli.no-hold',
      'There is no such legal hold.',
      'See halligan evidence show.',
    );
  if (others.length > 0)
    throw new HalliganError(
      'cli.which',
      'More than one hold fits.',
      `Name one with --hold: ${[found, ...others].map(({ hold }) => hold.slice(0, 12)).join(', ')}.`,
    );
  const text = textAttachment(reason);
  return {
    document: {
      v: 'halligan/keeping/v1',
      emergency: emergency.id,
      do: 'lift',
      hold: found.hold,
      reason: text.digest,
    },
    attachments: [text],
  } as const;
}

/** What somebody else signed first, and this person has not yet. @throws `cli.nothing-to-sign` */
export function pendingOf(
  { keeping }: Pick<Emergency, 'keeping'>,
  what: KeepingDocument['do'],
  person: string,
): KeepingDocument {
  const waiting = Object.values(keeping?.proposals ?? ({} satisfies Keeping['proposals'])).filter(
    ({ document, signedBy }) => document.do === what && !signedBy.includes(person),
  );
  const found = waiting.at(-1)?.document;
  if (found !== undefined) return found;
  throw new HalliganError(
    'cli.nothing-to-sign',
    'Nothing of the kind waits for your signature.',
    'See halligan evidence show.',
  );
}

/** Why something is to be held or released, in the words of who decided it first. */
export async function reasonOf(
  device: Device,
  emergency: Emergency,
  document: KeepingDocument,
): Promise<string> {
  if (document.do === 'erase')
    return [document.ground, document.reference].filter((part) => part !== undefined).join(', ');
  const found = await recordText(device, emergency, document.reason);
  return found === undefined ? 'erased' : utf8Text(found.bytes);
}
