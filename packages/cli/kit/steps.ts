import type { OfflineStep } from '@halligan/evidence';

/** One step as data. */
export function jsonOfStep({ entry, events, refusal }: OfflineStep) {
  const [first] = entry.signed;
  return {
    id: entry.id,
    by: first?.statement.by,
    kind: first?.statement.kind,
    at: first?.statement.at,
    events: events.map(({ type }) => type),
    ...(refusal === undefined ? {} : { refused: refusal.rule }),
  };
}

/** One step as a person reads it. */
export function lineOfStep(step: OfflineStep): string {
  const { by, kind, at } = jsonOfStep(step);
  const outcome = step.refusal === undefined ? '' : `  not counted: ${step.refusal.why}`;
  return `  ${at}  ${by}: ${kind}${outcome}`;
}
