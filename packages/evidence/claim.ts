/** How far a claim holds. `asserted` says by whom; the server's word is not a proof, and neither is a person's. */
export type Verdict = 'PASS' | 'ASSERTED' | 'NOT PROVEN' | 'FAIL';

/** One line of a verification. */
export interface Claim {
  readonly verdict: Verdict;
  /** `cryptographic`, `signed by ana`, `by the server`, or why it is not proven. */
  readonly basis: string;
  readonly claim: string;
}

/** `PASS (signed by ana)  ana declared the emergency`. */
export function claimLine({ verdict, basis, claim }: Claim): string {
  return `${`${verdict} (${basis})`.padEnd(34)} ${claim}`;
}

/** 0 where nothing failed, 5 otherwise; strictly, what is not proven fails too. */
export function exitCodeOf(claims: readonly Claim[], strict = false): 0 | 5 {
  const bad = claims.some(
    ({ verdict }) => verdict === 'FAIL' || (strict && verdict === 'NOT PROVEN'),
  );
  return bad || claims.length === 0 ? 5 : 0;
}
