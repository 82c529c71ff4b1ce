import { digestOf, type Json } from '@halligan/format';
import { personsWithRole } from '@halligan/statement';
import { z } from 'zod';
import { type EventBody, happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { isPerson } from '../quorum.ts';
import { refuse } from '../refusal.ts';
import { type Emergency, entryOf, type State } from '../state.ts';
import { emergencyAtHand } from './emergency-at-hand.ts';
import { closersOf } from './stand-ins.ts';
import { counterpartOf } from './taking-part.ts';
import { isReset } from './version-to-verify.ts';

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

const reviewDocument = z.strictObject({
  v: z.literal('halligan/review/v1'),
  emergency: z.string(),
  points: z.tuple(pointsSchema()),
  rootCause: z.enum([
    'idp-outage',
    'single-administrator',
    'configuration-error',
    'security-incident',
    'credential-loss',
    'other',
  ]),
  action: z.strictObject({
    /** Digest of an attachment: free text stays off the record. */
    what: z.string().regex(/^[0-9a-f]{64}$/),
    owner: z.string(),
    due: z.iso.date(),
  }),
});

function pointsSchema() {
  const point = <Name extends (typeof REVIEW_POINTS)[number]>(name: Name) =>
    z.strictObject({ point: z.literal(name), held: z.boolean() });
  const [prerequisites, dualControl, necessity, completeness, reset] = REVIEW_POINTS;
  return [
    point(prerequisites),
    point(dualControl),
    point(necessity),
    point(completeness),
    point(reset),
  ] as const;
}

/**
 * Who must sign the review, a seat each: requester, second person, approver, security and system owner. One person may
 * sit on several. For whoever has left the roster, those who close emergencies sign: a review never waits for nobody.
 */
export function reviewersOf(state: State, emergency: Emergency): readonly (readonly string[])[] {
  const security =
    state.roster === undefined
      ? []
      : personsWithRole(state.roster, 'security').map((member) => member.id);
  const owner = entryOf(state.systems, emergency.system)?.owner;
  const approver =
    emergency.approval === undefined || emergency.approval.method === 'silence exception'
      ? emergency.approver
      : emergency.approval.by;
  const seats = [
    [emergency.requester],
    [counterpartOf(emergency) ?? emergency.requester],
    [approver],
    security,
    owner === undefined ? [] : [owner],
  ];
  return seats.map((seat) => {
    const present = seat.filter((person) => isPerson(state.roster, person));
    return present.length > 0 ? present : closersOf(state);
  });
}

/**
 * A reviewer signs each point. A review is one document, signed by several: it is complete when every seat has signed
 * the same one. Until then anybody may sign another version, or one bad first version would stand in the way for ever.
 */
export function decideReview(
  state: State,
  said: Said<'attest'>,
  document: Json | undefined,
): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const { emergency } = found;
  const parsed = reviewDocument.safeParse(document);
  if (
    !parsed.success ||
    document === undefined ||
    digestOf(document) !== said.statement.digest ||
    parsed.data.emergency !== emergency.id
  ) {
    return refuse(
      'review.document',
      'The review does not fit what was signed.',
      'Judge every point and sign again.',
    );
  }
  if (emergency.submitted === undefined)
    return refuse('review.record', 'The record has not been submitted.', 'Submit it first.');
  if (!isReset(state, emergency))
    return refuse(
      'review.reset',
      'The credential has not been reset.',
      'Wait for the reset, or rotate by hand.',
    );
  if (emergency.reviewed !== undefined)
    return refuse('review.done', 'The review is complete.', 'Close the emergency.');
  const seats = reviewersOf(state, emergency);
  if (!seats.some((seat) => seat.includes(said.by))) {
    return refuse(
      'review.reviewer',
      'You do not review this emergency.',
      'Reviewers are those involved, security and the system’s owner.',
      [...new Set(seats.flat())],
    );
  }
  const same = Object.entries(emergency.reviews)
    .filter(([, one]) => one.digest === said.statement.digest)
    .map(([person]) => person);
  const missing = seats.filter((seat) => !seat.some((person) => same.includes(person)));
  if (same.includes(said.by))
    return refuse('review.again', 'You signed this review already.', 'Others are needed.', [
      ...new Set(missing.flat()),
    ]);
  const { points, rootCause, action } = parsed.data;
  if (!isPerson(state.roster, action.owner))
    return refuse(
      'review.owner',
      `“${action.owner}”, who is to act on it, is not a person on the roster.`,
      'Name somebody who is.',
    );
  const events: EventBody[] = [
    happened('ReviewSigned', {
      emergency: emergency.id,
      by: said.by,
      review: said.statement.digest,
      points,
    }),
  ];
  if (missing.every((seat) => seat.includes(said.by))) {
    events.push(happened('ReviewCompleted', { emergency: emergency.id, rootCause, action }));
  }
  return { events };
}
