import { digestOf, HalliganError, utf8, utf8Text } from '@halligan/format';
import { REVIEW_POINTS, ROOT_CAUSES } from '@halligan/procedure';
import { attachmentSchema, textAttachment } from '@halligan/statement';
import { z } from 'zod';
import type { Device } from '../device.ts';
import { jsonOf } from '../person-home.ts';
import { about, look } from './find.ts';

/** What a reviewer writes down for all to sign. */
export interface ReviewFindings {
  readonly rootCause: string;
  /** The corrective action: what, by whom, until when (`2026-03-31`). */
  readonly action: string;
  readonly owner: string;
  readonly due: string;
  /** Points that did not hold; all others did. */
  readonly notHeld: readonly string[];
}

const draftSchema = z.strictObject({
  v: z.literal('halligan/review-draft/v1'),
  document: z.json(),
  attachments: z.array(attachmentSchema).length(1),
});

/**
 * Drafts a review: one document, which every reviewer reads and signs. The action's text travels with it, salted, so
 * that all sign for the same words. @throws `cli.usage`
 */
export async function draftReview(
  device: Device,
  prefix: string | undefined,
  findings: ReviewFindings,
): Promise<Uint8Array> {
  const { emergency } = await look(device, prefix);
  const stranger = findings.notHeld.find((one) => !REVIEW_POINTS.some((point) => point === one));
  if (stranger !== undefined || !Object.hasOwn(ROOT_CAUSES, findings.rootCause)) {
    throw new HalliganError(
      'cli.usage',
      `“${stranger ?? findings.rootCause}” is no ${stranger === undefined ? 'root cause' : 'point of a review'}.`,
      `Points: ${REVIEW_POINTS.join(', ')}. Root causes: ${Object.keys(ROOT_CAUSES).join(', ')}.`,
    );
  }
  const text = textAttachment(findings.action);
  const document = {
    v: 'halligan/review/v1',
    emergency: emergency.id,
    points: REVIEW_POINTS.map((point) => ({ point, held: !findings.notHeld.includes(point) })),
    rootCause: findings.rootCause,
    action: { what: text.digest, owner: findings.owner, due: findings.due },
  };
  return utf8(
    `${JSON.stringify({ v: 'halligan/review-draft/v1', document, attachments: [text] })}\n`,
  );
}

/** Signs a drafted review. @throws `cli.draft` */
export async function signReview(
  device: Device,
  prefix: string | undefined,
  draft: Uint8Array,
): Promise<void> {
  const parsed = draftSchema.safeParse(jsonOf(utf8Text(draft)));
  if (!parsed.success) {
    throw new HalliganError(
      'cli.draft',
      'This is not the draft of a review.',
      'Write one: halligan emergency review-draft.',
    );
  }
  const { document, attachments } = parsed.data;
  const { proven, emergency } = await look(device, prefix);
  await device.say(
    proven,
    'attest',
    { ...about(emergency), what: 'review', digest: digestOf(document) },
    { document, attachments },
  );
}
