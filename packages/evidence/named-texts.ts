import type { Emergency } from '@halligan/procedure';
import { reasonsOf } from './happenings.ts';
import type { Group } from './transcript.ts';

/**
 * Digests of every text and file that the statements of an emergency name, each once.
 * @param groups the emergency's entries: some reasons stand in statements alone
 */
export function namedTexts(emergency: Emergency, groups: readonly Group[]): readonly string[] {
  const { approval, attestation, submitted } = emergency;
  const { exception, abort } = reasonsOf(groups, emergency.id);
  return [
    ...new Set([
      emergency.reason,
      emergency.incident,
      ...emergency.evidence,
      ...given(attestation),
      ...given(emergency.titles),
      ...given(approval?.conditions),
      ...exception,
      ...abort,
      ...given(emergency.converted?.reason),
      ...given(emergency.signedOff?.text),
      ...Object.values(emergency.parts).flatMap(({ title }) => given(title)),
      ...given(submitted?.reference),
      ...emergency.refusals.map(({ reason }) => reason),
      ...emergency.notes.flatMap(({ text, outOfScope }) => [text, ...given(outOfScope)]),
      ...emergency.addenda.map(({ text }) => text),
      ...(emergency.record?.pages ?? []),
      ...emergency.retrievals.flatMap(({ opened, returned }) => [
        ...(opened?.photos ?? []),
        ...(returned?.photos ?? []),
      ]),
      ...(emergency.keeping?.holds ?? []).flatMap(({ reason, lifted }) => [
        reason,
        ...given(lifted?.reason),
      ]),
      ...(emergency.rules === 1 ? [] : aftermathTexts(emergency)),
    ]),
  ];
}

/** What people wrote, and the log that they imported, once it was over. */
function aftermathTexts(emergency: Emergency): readonly string[] {
  const { resetParts = {}, resetFailures = [], reconciled, reviews, reviewed } = emergency;
  const { escalations = [], actionsDone = {}, verified } = emergency;
  const findings = reviewed?.findings;
  return [
    ...Object.values(resetParts).flatMap(({ how }) => given(how)),
    ...resetFailures.map(({ next }) => next),
    ...given(reconciled?.log ?? undefined),
    ...given(reconciled?.unavailable),
    ...(reconciled?.differences ?? []).flatMap(({ explanation }) => given(explanation)),
    ...Object.values(reviews).flatMap(({ points }) => points.flatMap((one) => given(one.finding))),
    ...(findings === undefined ? [] : [findings.impact, findings.procedure]),
    ...(findings?.actions ?? []).map(({ what }) => what),
    ...(findings?.violations ?? []).map(({ what }) => what),
    ...escalations.flatMap(({ what, logs }) => [what, ...logs]),
    ...Object.values(actionsDone).flatMap(({ text }) => given(text)),
    ...[verified?.original, verified?.test, verified?.change].flatMap((one) =>
      one === undefined ? [] : ['reference' in one ? one.reference : one.missing],
    ),
  ];
}

function given(digest: string | undefined): readonly string[] {
  return digest === undefined ? [] : [digest];
}
