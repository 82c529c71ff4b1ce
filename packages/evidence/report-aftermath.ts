import { type Emergency, REVIEW_POINTS, type State, versionToVerify } from '@halligan/procedure';
import { html, type Markup, type Part } from './markup.ts';
import {
  facts,
  NONE,
  paragraphs,
  person,
  section,
  type Texts,
  textOf,
  time,
} from './report-parts.ts';

/** What the procedure asks of a review, in its words. */
const POINTS: Readonly<Record<(typeof REVIEW_POINTS)[number], string>> = {
  prerequisites: 'Prerequisites were met before invocation',
  'dual-control': 'Dual-control procedures were followed',
  necessity: 'Only necessary actions were performed',
  completeness: 'Documentation is complete and signed',
  reset: 'Credentials have been reset',
};

const OLD = {
  rejected: 'the system rejects it',
  accepted: 'THE SYSTEM STILL ACCEPTS IT',
  unknown: 'not tried',
  none: 'there was none',
} as const;

export function recordAndSignatures(emergency: Emergency, texts: Texts): Markup {
  const { record, submitted, addenda } = emergency;
  return section(
    'Session record',
    facts([
      ['Signed by', record === undefined ? 'nobody yet' : record.signedBy.join(', ')],
      ['Record', record === undefined ? NONE : html`<code>${record.digest}</code>`],
      [
        'Submitted',
        submitted === undefined
          ? 'not yet'
          : html`${submitted.by}, ${time(submitted.at)}<p>${textOf(texts, submitted.reference)}</p>`,
      ],
      [
        'Addenda',
        paragraphs(
          addenda.map((one) => html`${time(one.at)}, ${one.by}: ${textOf(texts, one.text)}`),
        ),
      ],
    ]),
  );
}

export function resetAndVerification(state: State, emergency: Emergency): Markup {
  const version = emergency.reset?.version ?? versionToVerify(state, emergency);
  const proven =
    version === undefined
      ? undefined
      : state.accounts[emergency.account]?.versions[version]?.proven;
  const exercise = emergency.openings.find((one) => one.exercise && one.quorumAt !== undefined);
  return section(
    'Credential reset and verification',
    facts([
      [
        'New credential',
        proven === undefined ? 'none yet' : html`version ${version}, accepted ${time(proven.at)}`,
      ],
      ['Old credential', proven === undefined ? NONE : OLD[proven.old]],
      [
        'Verified under dual control',
        emergency.exercised === undefined || exercise === undefined
          ? 'not yet'
          : html`${exercise.releases.map(({ holder }) => holder).join(', ')}, ${time(emergency.exercised.at)}`,
      ],
    ]),
  );
}

export function review(state: State, emergency: Emergency): Markup {
  const reviews = Object.entries(emergency.reviews);
  return section(
    'Post-incident review',
    facts([
      ...(reviews.length === 0 ? [] : REVIEW_POINTS.map((point) => judged(point, emergency))),
      [
        'Signed by',
        reviews.length === 0
          ? 'nobody yet'
          : paragraphs(reviews.map(([id, { at }]) => html`${person(state, id)}, ${time(at)}`)),
      ],
      ['Root cause', emergency.reviewed?.rootCause ?? NONE],
      [
        'Closed',
        emergency.closed === undefined
          ? 'not yet'
          : html`${person(state, emergency.closed.by)}, ${time(emergency.closed.at)}`,
      ],
    ]),
  );
}

function judged(
  name: (typeof REVIEW_POINTS)[number],
  { reviews }: Emergency,
): readonly [string, Part] {
  const held = Object.values(reviews).every(({ points }) =>
    points.some((point) => point.point === name && point.held),
  );
  return [
    POINTS[name],
    held ? html`<span class="yes">yes</span>` : html`<span class="no">no</span>`,
  ];
}
