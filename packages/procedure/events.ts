import type { RosterLink } from '@halligan/statement';
import type { AccountDocument, SystemDocument } from './inventory.ts';
import type { Policy } from './policy.ts';

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
}

/** An opening as it was asked for: the facts of an open.request statement. */
export interface OpeningFacts {
  readonly request: string;
  readonly by: string;
  readonly account: string;
  readonly version: number;
  readonly path: string;
  readonly recipient: string;
  readonly expires: string;
  readonly exercise: boolean;
}

export interface ReleaseFacts {
  readonly request: string;
  readonly path: string;
  readonly group: string;
  readonly holder: string;
  readonly ciphertext: string;
  readonly statement: string;
}

type Emergency<Data> = { readonly emergency: string } & Data;
type Account<Data> = { readonly account: string } & Data;

/** What can happen, by type, with its data. Types are past tense; data carry person ids and digests only. */
export interface EventData {
  RosterChanged: { readonly digest: string; readonly link: RosterLink };
  /** Valid, but without the consent that it needs: it waits for that, or for the delay. */
  RosterChangeProposed: {
    readonly digest: string;
    readonly link: RosterLink;
    readonly signers: readonly string[];
    readonly effective: string;
  };
  /** `statements` are the digests of those that adopted it: they adopt once. */
  PolicyAdopted: {
    readonly digest: string;
    readonly policy: Policy;
    readonly statements: readonly string[];
  };
  SystemAdded: { readonly system: SystemDocument };
  DriverConfigured: { readonly system: string; readonly config: string };
  AccountAdded: { readonly account: string; readonly document: AccountDocument };

  CredentialSealed: Account<{
    readonly version: number;
    readonly digest: string;
    readonly header: SealHeader;
  }>;
  CredentialKitted: Account<{
    readonly version: number;
    readonly kit: string;
    readonly places: readonly KitPlace[];
  }>;
  CredentialProven: Account<{ readonly version: number; readonly old: OldCredential }>;
  RotationFailed: Account<{ readonly version: number; readonly code: string }>;
  VersionTouched: Account<{ readonly version: number; readonly emergency: string }>;
  VersionRetired: Account<{ readonly version: number }>;
  AccountTaken: Account<{ readonly emergency: string }>;
  AccountUnarmed: Account<{ readonly why: 'used' | 'touched' }>;
  AccountExposed: Account<{ readonly versions: readonly number[] }>;
  AccountArmed: Account<{ readonly version: number }>;

  EmergencyDeclared: Emergency<{
    readonly account: string;
    readonly system: string;
    readonly drill: boolean;
    readonly cause: string;
    readonly requester: string;
    readonly second: string;
    readonly witness?: string;
    readonly approver: string;
    readonly policy: string;
    readonly rules: 1;
    readonly reason: string;
    readonly evidence: readonly string[];
    readonly attestation?: string;
    readonly incident: string;
  }>;
  ApproversAsked: Emergency<{ readonly approvers: readonly string[] }>;
  EmergencyApproved: Emergency<{
    readonly by: string;
    readonly method: string;
    readonly conditions?: string;
  }>;
  EmergencyRefused: Emergency<{ readonly by: string; readonly reason: string }>;
  PartTaken: Emergency<{
    readonly by: string;
    readonly role: 'second' | 'witness' | 'executive';
    readonly together: string;
  }>;
  OpeningRequested: Emergency<OpeningFacts>;
  OpeningExpired: Emergency<{ readonly request: string }>;
  ShareReleased: Emergency<ReleaseFacts>;
  QuorumReached: Emergency<{ readonly request: string; readonly path: string }>;
  NoteAdded: Emergency<{
    readonly by: string;
    readonly about: string;
    readonly occurred: string;
    readonly text: string;
    readonly outOfScope?: string;
    readonly statement: string;
  }>;
  AddendumAdded: Emergency<{ readonly by: string; readonly to: string; readonly text: string }>;
  EmergencyEnded: Emergency<{ readonly loggedOut: string; readonly surrendered?: string }>;
  RecordSigned: Emergency<{ readonly by: string; readonly record: string }>;
  RecordSubmitted: Emergency<{
    readonly by: string;
    readonly record: string;
    readonly reference?: string;
  }>;
  EmergencyReset: Emergency<{ readonly version: number }>;
  ReviewSigned: Emergency<{
    readonly by: string;
    readonly review: string;
    readonly points: readonly ReviewPoint[];
  }>;
  ReviewCompleted: Emergency<{ readonly rootCause: string; readonly action: CorrectiveAction }>;
  CredentialExercised: Emergency<{ readonly version: number; readonly request: string }>;
  EmergencyAborted: Emergency<{ readonly by: string; readonly reason: string }>;
  EmergencyClosed: Emergency<{ readonly by: string }>;
}

/** What proving the old credential dead gave: `unknown` where nobody could try it, `none` where there was none. */
export type OldCredential = 'rejected' | 'accepted' | 'unknown' | 'none';

/** What a review decides to do about the root cause: what (digest of a text), by whom, until when. */
export interface CorrectiveAction {
  readonly what: string;
  readonly owner: string;
  readonly due: string;
}

/** One point of the review, judged by one person. */
export interface ReviewPoint {
  readonly point: string;
  readonly held: boolean;
}

export type EventType = keyof EventData;

/** An event before it is stamped with id, time and actor. */
export type EventBody = {
  readonly [Type in EventType]: { readonly type: Type; readonly data: EventData[Type] };
}[EventType];

/** An event as it stands in the journal. */
export type HalliganEvent = EventBody & {
  readonly v: 'halligan/event/v1';
  readonly id: string;
  readonly at: string;
  readonly actor: string;
};

/** One event body, its data checked against its type. */
export function happened<Type extends EventType>(type: Type, data: EventData[Type]): EventBody {
  // The mapped type above is exactly the set of such pairs; the compiler cannot see it through the parameter.
  return { type, data } as EventBody;
}

/** The streams that an event belongs to: `organisation`, `account:<id>`, `emergency:<digest>`. */
export function streamOf(event: EventBody): string {
  const data: { readonly emergency?: string; readonly account?: string } =
    'emergency' in event.data || 'account' in event.data ? event.data : {};
  if (
    data.emergency !== undefined &&
    event.type !== 'VersionTouched' &&
    event.type !== 'AccountTaken'
  ) {
    return `emergency:${data.emergency}`;
  }
  return data.account === undefined ? 'organisation' : `account:${data.account}`;
}
