import { digestOf, HalliganError } from '@halligan/format';
import {
  RESET_FAILURES,
  RESET_REASONS,
  type ResetDue,
  resetListOf,
  resettersOf,
} from '@halligan/procedure';
import { textAttachment } from '@halligan/statement';
import type { Device } from '../device.ts';
import { about, look } from './find.ts';

/** A part that has to be made good, and who may attest it. */
export interface ResetLine extends ResetDue {
  readonly people: readonly string[];
}

/** Everything that an emergency revealed, and what became of it. */
export async function resetList(
  device: Device,
  prefix: string | undefined,
): Promise<{ readonly emergency: string; readonly parts: readonly ResetLine[] }> {
  const { proven, emergency } = await look(device, prefix);
  const parts = resetListOf(proven.state, emergency).map((part) => ({
    ...part,
    people: part.by === 'rotation' ? ['rotator'] : resettersOf(proven.state, emergency, part.item),
  }));
  return { emergency: emergency.id, parts };
}

/** What somebody says of a part. */
export interface PartReset {
  readonly part: string;
  readonly outcome: string;
  readonly serial?: string | undefined;
  readonly how?: string | undefined;
}

/** Attests that a part was made good. */
export async function attestReset(
  device: Device,
  prefix: string | undefined,
  { part, outcome, serial, how }: PartReset,
): Promise<void> {
  const text = how === undefined ? [] : [textAttachment(how)];
  const [named] = text;
  await attestPart(device, prefix, text, {
    item: part,
    outcome,
    ...(serial === undefined ? {} : { serial }),
    ...(named === undefined ? {} : { how: named.digest }),
  });
}

/** Puts on the record why a part could not be reset yet, and what is tried next. @returns what to do about it */
export async function attestFailure(
  device: Device,
  prefix: string | undefined,
  part: string,
  reason: string,
  next: string,
): Promise<string> {
  const known = RESET_REASONS.find((one) => one === reason);
  if (known === undefined)
    throw new HalliganError(
      'cli.usage',
      `“${reason}” is no reason.`,
      `Use ${RESET_REASONS.join(', ')}.`,
    );
  const text = textAttachment(next);
  await attestPart(device, prefix, [text], {
    item: part,
    outcome: 'failed',
    reason: known,
    next: text.digest,
  });
  return RESET_FAILURES[known];
}

async function attestPart(
  device: Device,
  prefix: string | undefined,
  attachments: readonly ReturnType<typeof textAttachment>[],
  facts: Readonly<Record<string, string>>,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const document = { v: 'halligan/reset-part/v1', emergency: emergency.id, ...facts };
  await device.say(
    proven,
    'attest',
    { ...about(emergency), what: 'reset', digest: digestOf(document) },
    { document, attachments },
  );
}
