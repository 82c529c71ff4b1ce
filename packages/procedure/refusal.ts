/**
 * A refusal of the rules is a value, not an exception: it says which rule, why, who could act instead and what to
 * do next, because the person who reads it at 3 AM needs the way on, not a verdict.
 */
export interface Refusal {
  /** The rule, stable, e.g. `authorisation.self-approval`. */
  readonly rule: string;
  readonly why: string;
  /** Ids of the people who could do what was refused; empty where nobody could. */
  readonly eligible: readonly string[];
  readonly next: string;
}

/** Builds a {@link Refusal}. */
export function refuse(
  rule: string,
  why: string,
  next: string,
  eligible: readonly string[] = [],
): { readonly refusal: Refusal } {
  return { refusal: { rule, why, eligible, next } };
}
