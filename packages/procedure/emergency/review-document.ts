import { z } from 'zod';

/** What a review judges, point by point. */
export const REVIEW_POINTS = [
  'prerequisites',
  'dual-control',
  'necessity',
  'completeness',
  'reset',
] as const;

/** Root causes, each with the corrective action that the procedure suggests. */
export const ROOT_CAUSES = {
  'idp-outage': 'Give the organisation a second identity provider or offline access.',
  'single-administrator': 'Give every critical system at least two administrators.',
  'configuration-error': 'Validate changes beforehand and make them easy to roll back.',
  'security-incident': 'Follow the incident response process.',
  'credential-loss': 'Improve the keeping and recovery of credentials.',
  other: 'Decide what would have prevented it.',
} as const;

const CAUSES = [
  'idp-outage',
  'single-administrator',
  'configuration-error',
  'security-incident',
  'credential-loss',
  'other',
] as const satisfies readonly (keyof typeof ROOT_CAUSES)[];

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const action = z.lazy(() =>
  z.strictObject({
    /** Digest of an attachment: free text stays off the record. */
    what: digest,
    owner: z.string(),
    due: z.iso.date(),
  }),
);

const [PREREQUISITES, DUAL_CONTROL, NECESSITY, COMPLETENESS, RESET] = REVIEW_POINTS;

const held = <Name extends (typeof REVIEW_POINTS)[number]>(name: Name) =>
  z.strictObject({ point: z.literal(name), held: z.boolean() });

/** A point that did not hold says what was found. */
const judged = <Name extends (typeof REVIEW_POINTS)[number]>(name: Name) =>
  z
    .strictObject({ point: z.literal(name), held: z.boolean(), finding: digest.exactOptional() })
    .refine((one) => one.held || one.finding !== undefined);

const firstReview = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/review/v1'),
    emergency: z.string(),
    points: z.tuple([
      held(PREREQUISITES),
      held(DUAL_CONTROL),
      held(NECESSITY),
      held(COMPLETENESS),
      held(RESET),
    ]),
    rootCause: z.enum(CAUSES),
    action,
  }),
);

/** What the second rules ask of a review; texts stay off the record, as digests. */
const review = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/review/v2'),
    emergency: z.string(),
    /** Digest of the comparison of log and record that the reviewers saw. */
    reconciliation: digest,
    points: z.tuple([
      judged(PREREQUISITES),
      judged(DUAL_CONTROL),
      judged(NECESSITY),
      judged(COMPLETENESS),
      judged(RESET),
    ]),
    impact: digest,
    /** How the procedure held up. */
    procedure: digest,
    rootCause: z.enum(CAUSES),
    actions: z.array(action).min(1).max(16),
    responsible: z.enum(['confirmed', 'changed']),
    violations: z
      .array(z.strictObject({ what: digest, suspend: z.array(z.string()).max(8) }))
      .max(16),
  }),
);

/** A review by the second rules. */
export type Review = z.infer<typeof review>;

/** A review as its reviewers sign it, by the first rules or the second. */
export const reviewDocument = z.discriminatedUnion('v', [firstReview, review]);
