import { digestOf, HalliganError, utf8, utf8Text } from '@halligan/format';
import { type Emergency, REVIEW_POINTS, ROOT_CAUSES } from '@halligan/procedure';
import { type Attachment, attachmentSchema, textAttachment } from '@halligan/statement';
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
  /** Points that did not hold, as `<point>=<what was found>`; all others did. */
  readonly notHeld: readonly string[];
  /** More corrective actions: `<owner>:<due>:<what>`. */
  readonly also: readonly string[];
  /** What it meant for the organisation. */
  readonly impact: string;
  /** How the procedure held up. */
  readonly heldUp: string;
  readonly responsible: 'confirmed' | 'changed';
  readonly violation: readonly string[];
  /** Whom the reviewers recommend to suspend while the violations are looked into. */
  readonly suspend: readonly string[];
}

const draftSchema = z.strictObject({
  v: z.literal('halligan/review-draft/v1'),
  document: z.json(),
  attachments: z.array(attachmentSchema).min(1).max(64),
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
  const attachments: Attachment[] = [];
  const said = (text: string): string => {
    const attached = textAttachment(text);
    attachments.push(attached);
    return attached.digest;
  };
  const found = new Map(findings.notHeld.map(pointAndFinding));
  if (!Object.hasOwn(ROOT_CAUSES, findings.rootCause))
    throw new HalliganError(
      'cli.usage',
      `“${findings.rootCause}” is no root cause.`,
      `Root causes: ${Object.keys(ROOT_CAUSES).join(', ')}.`,
    );
  const actions = [
    { what: said(findings.action), owner: findings.owner, due: findings.due },
    ...findings.also.map((text) => {
      const [owner = '', due = '', ...what] = text.split(':');
      return { what: said(what.join(':')), owner, due };
    }),
  ];
  const points = REVIEW_POINTS.map((point) => {
    const finding = found.get(point);
    const held = finding === undefined;
    return emergency.rules === 1 || held
      ? { point, held }
      : { point, held, finding: said(finding) };
  });
  const common = { emergency: emergency.id, points, rootCause: findings.rootCause };
  const document =
    emergency.rules === 1
      ? { v: 'halligan/review/v1', ...common, action: actions[0] }
      : {
          v: 'halligan/review/v2',
          ...common,
          reconciliation: reconciledIn(emergency),
          impact: said(findings.impact),
          procedure: said(findings.heldUp),
          actions,
          responsible: findings.responsible,
          violations: findings.violation.map((text) => ({
            what: said(text),
            suspend: findings.suspend,
          })),
        };
  return utf8(`${JSON.stringify({ v: 'halligan/review-draft/v1', document, attachments })}\n`);
}

function pointAndFinding(text: string): readonly [string, string] {
  const [point = '', ...finding] = text.split('=');
  if (!REVIEW_POINTS.some((one) => one === point))
    throw new HalliganError(
      'cli.usage',
      `“${point}” is no point of a review.`,
      `Points: ${REVIEW_POINTS.join(', ')}. Write one as completeness=“what was found”.`,
    );
  return [point, finding.join('=')];
}

function reconciledIn({ reconciled }: Emergency): string {
  if (reconciled !== undefined) return reconciled.document;
  throw new HalliganError(
    'review.log',
    'The system’s audit log has not been laid beside the record.',
    'Do that first: halligan emergency reconcile.',
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
      'Write one: halligan review draft.',
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
