import type { Emergency } from '@halligan/procedure';

/** Digests of every text and file that the statements of an emergency name, each once. */
export function namedTexts(emergency: Emergency): readonly string[] {
  const { approval, attestation, submitted } = emergency;
  return [
    ...new Set([
      emergency.reason,
      emergency.incident,
      ...emergency.evidence,
      ...given(attestation),
      ...given(approval?.conditions),
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
    ]),
  ];
}

function given(digest: string | undefined): readonly string[] {
  return digest === undefined ? [] : [digest];
}
