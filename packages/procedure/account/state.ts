import type { KeepDocument } from '../custody/envelope.ts';
import type { Envelope } from '../custody/state.ts';
import type { AccountDocument } from '../organisation/inventory.ts';
import type { Access } from './access.ts';
import type { ByHand, KitPlace, OldCredential, SealHeader, Suspicion } from './events.ts';

export type AccountState = 'armed' | 'in use' | 'exposed' | 'unarmed' | 'suspect' | 'retired';

export interface Account {
  readonly document: AccountDocument;
  readonly state: AccountState;
  /** When it came into this state. */
  readonly since: string;
  /** The version that the system accepts, as far as is proven; 0 before the first. */
  readonly current: number;
  readonly versions: Readonly<Record<number, Version>>;
  /** Every envelope ever registered for it, by serial: none is forgotten. */
  readonly envelopes: Readonly<Record<string, Envelope>>;
  /** Whether its credential is kept on paper, too; undefined before anybody said so: it is not. */
  readonly keptIn?: KeepDocument['in'];
  /** The last emergency that took a share of it and has not yet made it safe again. */
  readonly emergency?: string;
  /** Why it is suspect, and who said so, until something newer is proven or somebody else clears it. */
  readonly suspected?: { readonly why: Suspicion; readonly by?: string; readonly at: string };
  /** Uses without the server that the record could not take in whole. */
  readonly reported?: readonly {
    readonly emergency: string;
    readonly version: number;
    readonly by: string;
    readonly rule: string;
    readonly at: string;
  }[];
}

/** A version's way: sealed → kitted → proven → (touched) → retired. */
export interface Version {
  readonly digest: string;
  readonly header: SealHeader;
  readonly sealedAt: string;
  /** Made on a person's device: who sets it and so knows it, and who is to attest it with them. */
  readonly byHand?: ByHand;
  readonly kit?: { readonly digest: string; readonly places: readonly KitPlace[] };
  readonly proven?: {
    readonly at: string;
    readonly old: OldCredential;
    readonly access?: Access;
    /** The two whose word it is, where no program proved it. */
    readonly by?: readonly [string, string];
  };
  readonly failed?: string;
  /** A share of it left its holder: it counts as known until it is rotated. */
  readonly touched: boolean;
  readonly retired: boolean;
}

/**
 * Whether the system may accept a version: the proven one, or a later one that a rotation which was cut short may
 * have set. Both stay sealed until one is proven.
 */
export function isCandidate(account: Account, number: number): boolean {
  const version = account.versions[number];
  if (version === undefined || version.retired) return false;
  return number === account.current || (number > account.current && version.kit !== undefined);
}

/** The version that people are setting by hand: neither attested nor given up; undefined where there is none. */
export function versionUnderHands(account: Account): number | undefined {
  const number = lastVersion(account);
  const last = account.versions[number];
  const isWaiting =
    last?.byHand !== undefined && last.proven === undefined && last.failed === undefined;
  return isWaiting ? number : undefined;
}

/** The account's last sealed version number; 0 before the first. */
export function lastVersion(account: Account): number {
  return Math.max(0, ...Object.keys(account.versions).map(Number));
}
