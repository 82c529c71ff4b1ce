import { visible } from '@halligan/format';
import type { Finding } from '@halligan/procedure';

/** Findings as a person reads them, each with what ends it. */
export function findingLines(findings: readonly Finding[]): readonly string[] {
  if (findings.length === 0) return ['No findings.'];
  return findings.flatMap(({ id, severity, what, fix, accepted }) => [
    `${severity.toUpperCase().padEnd(8)} ${visible(what)}`,
    `         ${id}: ${visible(fix)}`,
    ...(accepted === undefined
      ? []
      : [
          `         accepted by ${accepted.by} until ${accepted.until}: ${visible(accepted.reason)}`,
        ]),
  ]);
}
