/**
 * Something that is not as it should be, for as long as it is so. Derived, never stored: what an obligation is to a
 * late human, a finding is to a weak arrangement.
 */
export interface Finding {
  /** Stable: `<what>:<about>`, or `<what>` where it is about the organisation. */
  readonly id: string;
  /** `critical`: one person or one failure is enough. `warning`: looser than the practice. `notice`: good to know. */
  readonly severity: 'critical' | 'warning' | 'notice';
  readonly what: string;
  /** The step that ends it. */
  readonly fix: string;
  /** Somebody took the risk upon them, until then. It stays visible. */
  readonly accepted?: { readonly by: string; readonly reason: string; readonly until: string };
}

const WEIGHT = { critical: 0, warning: 1, notice: 2 } as const;

/** The gravest first, then by name. */
export function gravestFirst(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort(
    (a, b) => WEIGHT[a.severity] - WEIGHT[b.severity] || (a.id < b.id ? -1 : 1),
  );
}
