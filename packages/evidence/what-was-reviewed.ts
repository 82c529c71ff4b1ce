import { HalliganError, type Json, utf8Text } from '@halligan/format';
import {
  actionsOf,
  compareLog,
  type Emergency,
  isEscalationDue,
  parseAuditLog,
  type SoughtEvent,
  unexplainedIn,
} from '@halligan/procedure';
import { asserted, type Claim, computed, lacking, listed, signed } from './claim.ts';
import { happenings } from './happenings.ts';
import type { ReportText } from './report-parts.ts';
import type { Group } from './transcript.ts';

/** What people found when it was over: reviews, the system's log beside the record, escalations, actions, the last look. */
export function whatWasReviewed(
  emergency: Emergency,
  groups: readonly Group[],
  texts: ReadonlyMap<string, ReportText>,
): readonly Claim[] {
  return [
    ...reconciliation(emergency, groups, texts),
    ...reviews(emergency),
    ...escalations(emergency),
    ...actions(emergency),
    ...lastLook(emergency),
  ];
}

function reconciliation(
  emergency: Emergency,
  groups: readonly Group[],
  texts: ReadonlyMap<string, ReportText>,
): readonly Claim[] {
  const { reconciled } = emergency;
  if (reconciled === undefined) return [];
  const { by, log, entries, matched } = reconciled;
  if (log === null) return [asserted(by, 'the system’s own audit log was not to be had')];
  const open = unexplainedIn(emergency).length;
  const counts = `${matched} of ${entries} entries matched, differences: ${reconciled.differences.length}, unexplained: ${open}`;
  const text = texts.get(log);
  return [
    signed(by, `${by} laid the system’s audit log beside the record: ${counts}`),
    asserted(by, 'the imported log is the system’s own, and whole'),
    ...(text === undefined ? [] : [comparedAgain(emergency, groups, text)]),
  ];
}

/** Whoever compared may have lied, or erred: the file is here, and so are the notes. */
function comparedAgain(
  emergency: Emergency,
  groups: readonly Group[],
  { bytes }: ReportText,
): Claim {
  const { reconciled, notes } = emergency;
  const last = happenings(groups, `emergency:${emergency.id}`, 'LogReconciled').at(-1);
  const document = last?.group.input.type === 'statements' ? last.group.input.document : undefined;
  const found = entriesOf(bytes);
  const compared =
    found === undefined ? undefined : compareLog(found, notes, toleranceOf(document));
  const isSame =
    found?.length === reconciled?.entries &&
    compared?.matched.length === reconciled?.matched &&
    named(compared?.differences) === named(reconciled?.differences);
  return isSame
    ? computed('the imported log, compared again here, matches the notes as was signed')
    : {
        verdict: 'NOT PROVEN',
        basis: 'compared again, it differs',
        about: 'event',
        claim: `the imported log matches the notes as ${reconciled?.by} signed: read both`,
      };
}

function named(
  differences: readonly { readonly entry?: number; readonly note?: string }[] = [],
): string {
  return differences
    .map(({ entry, note }) => note ?? String(entry))
    .sort()
    .join(' ');
}

function entriesOf(bytes: Uint8Array) {
  try {
    return parseAuditLog(utf8Text(bytes));
  } catch (error) {
    if (error instanceof HalliganError) return undefined;
    throw error;
  }
}

function toleranceOf(document: Json | undefined): number {
  const given =
    typeof document === 'object' && document !== null && 'tolerance' in document
      ? document.tolerance
      : 0;
  return typeof given === 'number' ? given : 0;
}

function reviews({ reviews: signedBy, reviewed }: Emergency): readonly Claim[] {
  const violations = reviewed?.findings?.violations ?? [];
  const everybody = listed(Object.keys(signedBy));
  return [
    ...Object.entries(signedBy).map(([person, { points }]) => {
      const failed = points.filter(({ held }) => !held).map(({ point }) => point);
      return signed(
        person,
        `${person} signed the review${failed.length === 0 ? '' : `; did not hold: ${failed.join(', ')}`}`,
      );
    }),
    ...(violations.length === 0
      ? []
      : [
          signed(
            everybody,
            `the review found ${violations.length === 1 ? '1 violation' : `${violations.length} violations`}`,
          ),
        ]),
  ];
}

function escalations(emergency: Emergency): readonly Claim[] {
  return [
    ...(emergency.escalations ?? []).map(({ by, to, logs }) =>
      signed(by, `${by} escalated it to ${to}; logs preserved: ${logs.length}`),
    ),
    ...(isEscalationDue(emergency) ? [lacking('it was escalated')] : []),
  ];
}

function actions(emergency: Emergency): readonly Claim[] {
  const { actionsDone = {}, reviewed } = emergency;
  const all = reviewed === undefined ? [] : actionsOf(emergency);
  const signers = listed(Object.keys(emergency.reviews));
  return all.flatMap(({ what, owner, due }) => {
    const done = actionsDone[what];
    return [
      signed(signers, `the review ordered an action of ${owner}, until ${due}`),
      ...(done === undefined
        ? []
        : [asserted(done.by, `that action of ${owner} was done, ${done.at.slice(0, 10)}`)]),
    ];
  });
}

const SOUGHT = {
  original: 'the sign-in of the emergency',
  test: 'the test sign-in',
  change: 'the change of the password',
} as const;

/** The three events that somebody looked for in the provider's log; what was not found is said as loudly. */
function lastLook({ verified }: Emergency): readonly Claim[] {
  if (verified === undefined) return [];
  const look = (name: keyof typeof SOUGHT, sought: SoughtEvent): Claim =>
    'missing' in sought
      ? {
          verdict: 'NOT PROVEN',
          basis: `not found by ${verified.by}`,
          about: 'event',
          claim: `${SOUGHT[name]} is in the provider’s log`,
        }
      : asserted(
          verified.by,
          `${SOUGHT[name]} is in the provider’s log, ${sought.at.slice(0, 16)}Z`,
        );
  return [
    look('original', verified.original),
    look('test', verified.test),
    look('change', verified.change),
    asserted(verified.by, 'whoever may open the new version can, nobody else, and it is logged'),
  ];
}
