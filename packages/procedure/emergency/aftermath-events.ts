import type { CorrectiveAction } from './events.ts';

/** What has to be made good besides the secret that a rotation proves; see `resetListOf`. */
export type ResetItem = 'totp' | 'recovery-codes' | 'pin' | 'hardware-key' | 'copies';

/** How a part was made good. */
export type ResetOutcome = 'replaced' | 'unused' | 'returned' | 'destroyed' | 'none';

/** Why a part could not be made good yet. */
export type ResetFailure = 'complexity' | 'rights' | 'identity-team' | 'provider-support' | 'other';

/** A place where the target's audit log and the record differ: an entry nobody noted, or a note that no entry shows. */
export interface LogDifference {
  /** Number of the log's entry, from 1. */
  readonly entry?: number;
  /** Digest of the note's statement. */
  readonly note?: string;
  readonly at: string;
  /** Digest of a text; absent where nobody could explain it. */
  readonly explanation?: string;
}

/** An event that somebody looked for in the provider's log. */
export type SoughtEvent =
  | { readonly at: string; readonly reference: string }
  | { readonly missing: string };

/** A violation as a review found it: what (digest of a text), and whom it recommends to suspend meanwhile. */
export interface Violation {
  readonly what: string;
  readonly suspend: readonly string[];
}

type OfEmergency<Data> = { readonly emergency: string } & Data;

/** What can happen once an emergency is over, besides record, review and close, by type, with its data. */
export interface AftermathEvents {
  ResetPartAttested: OfEmergency<{
    readonly by: string;
    readonly item: ResetItem;
    readonly outcome: ResetOutcome;
    /** The new serial, or the returned key's. */
    readonly serial?: string;
    /** Digest of a text. */
    readonly how?: string;
  }>;
  ResetFailed: OfEmergency<{
    readonly by: string;
    readonly item: ResetItem | 'password';
    readonly reason: ResetFailure;
    /** Digest of a text: what is tried next. */
    readonly next: string;
  }>;
  LogReconciled: OfEmergency<{
    readonly by: string;
    readonly document: string;
    /** Digest of the imported log; null where none was to be had, and then why (digest of a text). */
    readonly log: string | null;
    readonly unavailable?: string;
    readonly entries: number;
    readonly matched: number;
    readonly differences: readonly LogDifference[];
  }>;
  ViolationEscalated: OfEmergency<{
    readonly by: string;
    readonly to: string;
    readonly what: string;
    /** Digests of the logs that were preserved. */
    readonly logs: readonly string[];
    readonly suspend: readonly string[];
  }>;
  ActionCompleted: OfEmergency<{
    readonly by: string;
    readonly action: string;
    readonly text?: string;
  }>;
  EmergencyVerified: OfEmergency<{
    readonly by: string;
    readonly version: number;
    readonly original: SoughtEvent;
    readonly test: SoughtEvent;
    readonly change: SoughtEvent;
  }>;
}

type Facts<Type extends keyof AftermathEvents> = Omit<AftermathEvents[Type], 'emergency'> & {
  readonly at: string;
};

/** What an emergency's state holds of these; absent until it happened. */
export interface Aftermath {
  readonly resetParts?: Readonly<Record<string, Facts<'ResetPartAttested'>>>;
  readonly resetFailures?: readonly Facts<'ResetFailed'>[];
  readonly reconciled?: Facts<'LogReconciled'>;
  readonly escalations?: readonly Facts<'ViolationEscalated'>[];
  /** By the action's digest. */
  readonly actionsDone?: Readonly<Record<string, Facts<'ActionCompleted'>>>;
  readonly verified?: Facts<'EmergencyVerified'>;
}

/** What a review of the second rules adds to a completed review. */
export interface ReviewFindings {
  readonly actions: readonly CorrectiveAction[];
  readonly violations: readonly Violation[];
  /** Digests of texts: what it meant for the organisation, and how the procedure held up. */
  readonly impact: string;
  readonly procedure: string;
  /** Whether the responsible people are still the right ones. */
  readonly responsible: 'confirmed' | 'changed';
}
