import type { Json } from '@halligan/format';
import { type EventBody, happened } from '../events.ts';
import type { Decision, Said } from '../input.ts';
import { isPerson } from '../quorum.ts';
import { type Refusal, refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import type { ReviewFindings } from './aftermath-events.ts';
import { attestedAtHand } from './attested-at-hand.ts';
import { unexplainedIn } from './reconciliation.ts';
import { isMadeGood } from './reset-list.ts';
import { type Review, reviewDocument } from './review-document.ts';
import { reviewersOf } from './reviewers.ts';
import type { Emergency } from './state.ts';

/**
 * A reviewer signs each point. A review is one document, signed by several: it is complete when every seat has signed
 * the same one. Until then anybody may sign another version, or one bad first version would stand in the way for ever.
 */
export function decideReview(
  state: State,
  said: Said<'attest'>,
  document: Json | undefined,
): Decision {
  const otherwise = refuse(
    'review.document',
    'The review does not fit what was signed.',
    'Judge every point and sign again.',
  );
  const found = attestedAtHand(state, said, { shape: reviewDocument, document, otherwise });
  if ('refusal' in found) return found;
  const { emergency, attested } = found;
  if (attested.v !== `halligan/review/v${emergency.rules === 1 ? 1 : 2}`) return otherwise;
  if (emergency.submitted === undefined)
    return refuse('review.record', 'The record has not been submitted.', 'Submit it first.');
  if (!isMadeGood(state, emergency))
    return refuse(
      'review.reset',
      'Not everything that was revealed has been reset.',
      'See what is left: halligan emergency reset. Wait for the rotation, or rotate by hand.',
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
  const { points, rootCause } = attested;
  const actions = attested.v === 'halligan/review/v1' ? [attested.action] : attested.actions;
  const [action] = actions;
  const stranger = actions.find(({ owner }) => !isPerson(state.roster, owner));
  if (action === undefined || stranger !== undefined)
    return refuse(
      'review.owner',
      `“${stranger?.owner}”, who is to act on it, is not a person on the roster.`,
      'Name somebody who is.',
    );
  const unfounded =
    attested.v === 'halligan/review/v1' ? undefined : unfoundedIn(emergency, attested);
  if (unfounded !== undefined) return unfounded;
  const events: EventBody[] = [
    happened('ReviewSigned', {
      emergency: emergency.id,
      by: said.by,
      review: said.statement.digest,
      points,
    }),
  ];
  if (missing.every((seat) => seat.includes(said.by))) {
    const findings = attested.v === 'halligan/review/v1' ? {} : { findings: findingsOf(attested) };
    events.push(
      happened('ReviewCompleted', { emergency: emergency.id, rootCause, action, ...findings }),
    );
  }
  return { events };
}

/** A review rests on the comparison of log and record; what nobody explained is not complete documentation. */
function unfoundedIn(
  emergency: Emergency,
  { reconciliation, points, actions }: Review,
): { readonly refusal: Refusal } | undefined {
  if (emergency.reconciled === undefined || emergency.reconciled.document !== reconciliation)
    return refuse(
      'review.log',
      'The system’s audit log has not been laid beside the record, or has been once more since.',
      'Do that first: halligan emergency reconcile. Then draft the review again.',
    );
  if (new Set(actions.map(({ what }) => what)).size < actions.length)
    return refuse('review.actions', 'An action stands twice.', 'Name each once.');
  const unexplained = unexplainedIn(emergency);
  if (unexplained.length > 0 && points.some(({ point, held }) => point === 'completeness' && held))
    return refuse(
      'review.unexplained',
      `Log and record differ in ${unexplained.length} places that nobody explained.`,
      'Explain them, or say that the documentation is not complete.',
    );
  return undefined;
}

function findingsOf({
  actions,
  violations,
  impact,
  procedure,
  responsible,
}: Review): ReviewFindings {
  return { actions, violations, impact, procedure, responsible };
}
