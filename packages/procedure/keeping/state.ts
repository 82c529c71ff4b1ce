import { after, isAfter } from '../duration.ts';
import type { KeepingDocument } from './document.ts';

/** What waits for a second signature. */
export interface KeepingProposal {
  readonly document: KeepingDocument;
  readonly signedBy: readonly string[];
  /** When the first of them signed. */
  readonly at: string;
}

export interface LegalHold {
  /** Digest of the document that placed it. */
  readonly hold: string;
  readonly reason: string;
  readonly by: readonly string[];
  readonly at: string;
  readonly lifted?: {
    readonly at: string;
    readonly by: readonly string[];
    readonly reason: string;
  };
}

export interface Erasure {
  readonly ground: string;
  readonly reference?: string;
  readonly by: readonly string[];
  readonly at: string;
  readonly done?: { readonly at: string; readonly blobs: number };
}

/** How the record of an emergency is kept. */
export interface Keeping {
  readonly proposals: Readonly<Record<string, KeepingProposal>>;
  readonly holds: readonly LegalHold[];
  readonly erasure?: Erasure;
}

export const UNKEPT: Keeping = { proposals: {}, holds: [] };

/** The holds that nobody has lifted. */
export function holdsOn({ keeping }: { readonly keeping?: Keeping }): readonly LegalHold[] {
  return (keeping ?? UNKEPT).holds.filter(({ lifted }) => lifted === undefined);
}

/** A first signature that no second one follows counts no longer. */
const LAPSES = '30d';

/** A proposal that still stands; one that lapsed begins anew with the next signature. */
export function standing(
  proposal: KeepingProposal | undefined,
  now: string,
): KeepingProposal | undefined {
  return proposal === undefined || isAfter(now, after(proposal.at, LAPSES, 'UTC'))
    ? undefined
    : proposal;
}
