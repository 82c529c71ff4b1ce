import type { ReviewFindings } from './aftermath-events.ts';

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

/** What a review decides to do about the root cause: what (digest of a text), by whom, until when. */
export interface CorrectiveAction {
  readonly what: string;
  readonly owner: string;
  readonly due: string;
}

/** How a drill is run. */
export interface Scenario {
  readonly notice: 'scheduled' | 'surprise';
  readonly form: 'tabletop' | 'technical' | 'adversarial';
  /** What is sabotaged in an adversarial drill. */
  readonly sabotage: readonly string[];
}

/** What somebody was told, or asked, outside the record. */
export interface Contact {
  readonly person: string;
  readonly channel: 'phone' | 'message' | 'email' | 'in-person';
  readonly what: 'approval-request' | 'summary' | 'notice';
  /** When they were reached, or tried. */
  readonly contacted: string;
  /** Who attests to it; absent where the server sent it. */
  readonly by?: string;
}

/** One point of the review, judged by one person. */
export interface ReviewPoint {
  readonly point: string;
  readonly held: boolean;
  /** Digest of a text: what was found. */
  readonly finding?: string;
}

type OfEmergency<Data> = { readonly emergency: string } & Data;

/** What can happen in an emergency or drill, by type, with its data. */
export interface EmergencyEvents {
  EmergencyDeclared: OfEmergency<{
    readonly account: string;
    readonly system: string;
    readonly drill: boolean;
    readonly cause: string;
    readonly requester: string;
    /** Absent where one person goes with an executive. */
    readonly second?: string;
    readonly witness?: string;
    readonly approver: string;
    readonly titles?: string;
    readonly scenario?: Scenario;
    readonly policy: string;
    readonly rules: 1 | 2 | 3;
    readonly reason: string;
    readonly evidence: readonly string[];
    readonly attestation?: string;
    readonly incident: string;
  }>;
  ApproversAsked: OfEmergency<{ readonly approvers: readonly string[] }>;
  /** `given`: when, where it was said by other means; confirmed by two who heard it, or by a one-time spoken code. */
  EmergencyApproved: OfEmergency<{
    readonly by: string;
    readonly method: string;
    readonly conditions?: string;
    readonly given?: string;
    readonly heardBy?: readonly string[];
    readonly code?: string;
  }>;
  PersonContacted: OfEmergency<Contact>;
  /** A drill has become real: what was decided in it counts no more. */
  DrillConverted: OfEmergency<{
    readonly by: string;
    readonly reason: string;
    readonly cause: string;
    readonly evidence: readonly string[];
    readonly attestation?: string;
    readonly incident: string;
  }>;
  SoloSignedOff: OfEmergency<{
    readonly by: string;
    readonly agreed: boolean;
    readonly text: string;
  }>;
  EmergencyRefused: OfEmergency<{ readonly by: string; readonly reason: string }>;
  PartTaken: OfEmergency<{
    readonly by: string;
    readonly role: 'second' | 'witness' | 'executive';
    readonly together: string;
    readonly title?: string;
  }>;
  OpeningRequested: OfEmergency<OpeningFacts>;
  OpeningExpired: OfEmergency<{ readonly request: string }>;
  ShareReleased: OfEmergency<ReleaseFacts>;
  QuorumReached: OfEmergency<{ readonly request: string; readonly path: string }>;
  NoteAdded: OfEmergency<{
    readonly by: string;
    readonly about: string;
    readonly occurred: string;
    readonly text: string;
    readonly outOfScope?: string;
    readonly direct?: boolean;
    /** Digest of the statement that said so: the same statement is noted once. */
    readonly statement: string;
  }>;
  AddendumAdded: OfEmergency<{ readonly by: string; readonly to: string; readonly text: string }>;
  EmergencyEnded: OfEmergency<{ readonly loggedOut: string; readonly surrendered?: string }>;
  RecordSigned: OfEmergency<{
    readonly by: string;
    readonly record: string;
    /** Who has left the roster, and whom the signer stands in for. */
    readonly inPlaceOf?: string;
    /** Digests of the scanned pages, where it was signed on paper. */
    readonly pages?: readonly string[];
  }>;
  RecordSubmitted: OfEmergency<{
    readonly by: string;
    readonly record: string;
    readonly reference?: string;
    /** How the server handed it over, where no person did. */
    readonly via?: 'webhook' | 'folder' | 'email';
  }>;
  EmergencyReset: OfEmergency<{ readonly version: number }>;
  ReviewSigned: OfEmergency<{
    readonly by: string;
    readonly review: string;
    readonly points: readonly ReviewPoint[];
  }>;
  ReviewCompleted: OfEmergency<{
    readonly rootCause: string;
    readonly action: CorrectiveAction;
    readonly findings?: ReviewFindings;
  }>;
  /** Opened to the prover by `request`; or two people attest that they signed in: then there is no request. */
  CredentialExercised: OfEmergency<{
    readonly version: number;
    readonly request?: string;
    readonly by?: readonly [string, string];
  }>;
  EmergencyAborted: OfEmergency<{ readonly by: string; readonly reason: string }>;
  EmergencyClosed: OfEmergency<{ readonly by: string }>;
}
