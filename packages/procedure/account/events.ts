import type { AccountDocument } from '../organisation/inventory.ts';
import type { Access } from './access.ts';

/** What seal.json says, as the rules need it; the seal room's parsed header fits this shape. */
export interface SealHeader {
  readonly id: string;
  readonly organisation: string;
  readonly account: string;
  readonly version: number;
  readonly policy: string;
  readonly roster: string;
  readonly paths: readonly SealPath[];
  readonly shares: readonly SealShare[];
}

export interface SealPath {
  readonly name: string;
  readonly groups: readonly {
    readonly name: string;
    readonly need: number;
    readonly holders: readonly string[];
  }[];
}

export interface SealShare {
  readonly path: string;
  readonly group: string;
  readonly holder: string;
  readonly commitment: string;
}

/** A place that acknowledged a kit. */
export interface KitPlace {
  readonly name: string;
  readonly offServer: boolean;
  /** Not reached over any network, as the admin says. */
  readonly offline?: boolean;
  /** Reached without the organisation's identity provider, as the admin says. */
  readonly idpFree?: boolean;
  /** A vault, which keeps the seals of the account's system instead of the kit. */
  readonly vault?: VaultKept;
}

/** What came of keeping an account's seals in a vault. */
export interface VaultKept {
  /** What keeps them; left out: a key-value engine of OpenBao or Vault. */
  readonly kind?: 'onepassword' | 'bitwarden';
  /** Where they lie, such as `secret/break-glass/dc`. */
  readonly entry: string;
  /** The entry's version in the vault. */
  readonly version: number;
  /** The request that read it back, as the vault's own audit log names it. */
  readonly request: string;
  /** `kept`: as strict as this kind of vault can be. OpenBao gives it out wrapped only, and lets its writer delete nothing. */
  readonly rules: 'kept' | 'loose';
  /** Whether the vault writes down who reads; `unknown` where it does not tell its writer. */
  readonly audit: 'on' | 'off' | 'unknown';
}

/** Whether a place is still there when everything else is down: at least one of an organisation's is to be. */
export function isWholePlace({
  offServer,
  offline,
  idpFree,
}: Pick<KitPlace, 'offServer' | 'offline' | 'idpFree'>): boolean {
  return offServer && offline === true && idpFree === true;
}

/** What proving the old credential dead gave: `unknown` where nobody could try it, `none` where there was none. */
export type OldCredential = 'rejected' | 'accepted' | 'unknown' | 'none';

/** A version that a person made and sets: that person knows it; the other one attests it with them. */
export interface ByHand {
  readonly by: string;
  readonly second: string;
}

/** Why an account is suspect: an envelope was tampered with, or what a person says. */
export type Suspicion = 'tampered' | 'login-fails' | 'unexplained-use' | 'other';

type OfAccount<Data> = { readonly account: string } & Data;

/** What can happen to an emergency account and its credential's versions, by type, with its data. */
export interface AccountEvents {
  AccountAdded: { readonly account: string; readonly document: AccountDocument };
  AccountChanged: { readonly account: string; readonly document: AccountDocument };
  AccountDutyDone: { readonly account: string; readonly duty: string; readonly by: string };
  AccountRetired: { readonly account: string };
  CredentialSealed: OfAccount<{
    readonly version: number;
    readonly digest: string;
    readonly header: SealHeader;
    readonly byHand?: ByHand;
  }>;
  CredentialKitted: OfAccount<{
    readonly version: number;
    readonly kit: string;
    readonly places: readonly KitPlace[];
  }>;
  CredentialProven: OfAccount<{
    readonly version: number;
    readonly old: OldCredential;
    readonly access?: Access;
    /** The two who attest it, where it was set by hand: it is their word, no program's proof. */
    readonly by?: readonly [string, string];
  }>;
  RotationFailed: OfAccount<{ readonly version: number; readonly code: string }>;
  VersionTouched: OfAccount<{ readonly version: number; readonly emergency: string }>;
  VersionRetired: OfAccount<{ readonly version: number }>;
  AccountTaken: OfAccount<{ readonly emergency: string }>;
  AccountUnarmed: OfAccount<{ readonly why: 'used' | 'touched' }>;
  AccountExposed: OfAccount<{ readonly versions: readonly number[] }>;
  AccountArmed: OfAccount<{ readonly version: number }>;
  /** `by` and `text`, the digest of what they wrote, where a person suspects it. */
  AccountSuspected: OfAccount<{
    readonly why: Suspicion;
    readonly by?: string;
    readonly text?: string;
  }>;
  /** Somebody else looked into a person's suspicion, and vouches that there was nothing in it. */
  AccountCleared: OfAccount<{ readonly by: string; readonly text?: string }>;
  /** Used without the server, and the record could not take all of it in: `rule` says why, `text` names the file. */
  OfflineUseReported: OfAccount<{
    readonly version: number;
    readonly declaration: string;
    readonly by: string;
    readonly rule: string;
    readonly text?: string;
  }>;
}
