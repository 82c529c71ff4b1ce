import type { Retrieval } from '../custody/state.ts';
import type { EventData } from '../events.ts';
import type { Keeping } from '../keeping/state.ts';
import type { Aftermath, ReviewFindings } from './aftermath-events.ts';
import type {
  Contact,
  CorrectiveAction,
  OpeningFacts,
  ReleaseFacts,
  ReviewPoint,
} from './events.ts';

export interface Opening extends OpeningFacts {
  readonly at: string;
  readonly releases: readonly (ReleaseFacts & { readonly at: string })[];
  readonly quorumAt?: string;
  /** When the record learnt of it, where it was asked for without the server. */
  readonly learnt?: string;
  readonly expired: boolean;
  /** Asked for in a drill that has become real since: it counts for nothing, but that its shares left. */
  readonly rehearsed?: true;
}

export interface Note extends Omit<EventData['NoteAdded'], 'emergency'> {
  readonly at: string;
}

export interface Emergency extends Omit<EventData['EmergencyDeclared'], 'emergency'>, Aftermath {
  readonly id: string;
  readonly at: string;
  readonly approval?: {
    readonly by: string;
    readonly method: string;
    readonly conditions?: string;
    /** When it was said, where that was not on the approver's own device. */
    readonly given?: string;
    readonly heardBy?: readonly string[];
    readonly code?: string;
    /** Whom the server had tried until then. */
    readonly contacts?: readonly Contact[];
    readonly at: string;
  };
  /** Whom the rules named as approvers and deputies to ask. */
  readonly asked: readonly string[];
  /** Who was tried or told, by whom and how. */
  readonly contacts: readonly Contact[];
  /** Declared and carried on without the server, from a kit, until then by the signers' own clocks. */
  readonly offline?: { readonly until: string };
  readonly refusals: readonly {
    readonly by: string;
    readonly reason: string;
    readonly at: string;
  }[];
  readonly parts: Readonly<
    Record<
      string,
      {
        readonly role: string;
        readonly together: string;
        readonly title?: string;
        readonly at: string;
      }
    >
  >;
  readonly openings: readonly Opening[];
  /** Envelopes that two people went to, by the latest arrival. */
  readonly retrievals: readonly Retrieval[];
  readonly notes: readonly Note[];
  readonly addenda: readonly {
    readonly by: string;
    readonly to: string;
    readonly text: string;
    readonly at: string;
  }[];
  readonly ended?: {
    readonly at: string;
    readonly loggedOut: string;
    readonly surrendered?: string;
  };
  readonly record?: {
    readonly digest: string;
    readonly signedBy: readonly string[];
    readonly at: string;
    /** By signer: who has left, and whom they stand in for. */
    readonly inPlaceOf?: Readonly<Record<string, string>>;
    readonly pages?: readonly string[];
  };
  readonly submitted?: {
    readonly at: string;
    readonly by: string;
    readonly reference?: string;
    /** How the server handed it over, where no person did. */
    readonly via?: 'webhook' | 'folder' | 'email';
  };
  readonly reset?: { readonly at: string; readonly version: number };
  readonly reviews: Readonly<
    Record<
      string,
      { readonly digest: string; readonly points: readonly ReviewPoint[]; readonly at: string }
    >
  >;
  readonly reviewed?: {
    readonly at: string;
    readonly rootCause: string;
    readonly action: CorrectiveAction;
    readonly findings?: ReviewFindings;
  };
  /** `by`: the two whose word it is, where no prover could sign in. */
  readonly exercised?: {
    readonly at: string;
    readonly version: number;
    readonly by?: readonly [string, string];
  };
  /** The executive's written word on a solo access. */
  readonly signedOff?: {
    readonly at: string;
    readonly by: string;
    readonly agreed: boolean;
    readonly text: string;
  };
  /** Declared as a drill, and become real: by whom, when, why, and when the drill had been declared. */
  readonly converted?: {
    readonly at: string;
    readonly by: string;
    readonly reason: string;
    readonly declared: string;
  };
  readonly aborted?: { readonly at: string; readonly by: string };
  readonly closed?: { readonly at: string; readonly by: string };
  /** Holds and erasure, once somebody signed for one. */
  readonly keeping?: Keeping;
}

/** The opening by which people got to see the credential in this emergency, if any; never a drill's before it. */
export function revealedBy(emergency: Emergency): Opening | undefined {
  return emergency.openings.find(
    (one) => !one.exercise && one.rehearsed !== true && one.quorumAt !== undefined,
  );
}

/** When people got to see it, by shares or out of an envelope; undefined where they have not. */
export function revealedAt(emergency: Emergency): string | undefined {
  const unsealed = emergency.retrievals.find(
    (one) => one.opened !== undefined && one.rehearsed !== true,
  );
  return revealedBy(emergency)?.quorumAt ?? unsealed?.opened?.at;
}

/** The opening that shares may still be released to, if any. */
export function liveOpening(emergency: Emergency): Opening | undefined {
  const last = emergency.openings.at(-1);
  if (last === undefined || last.expired || last.quorumAt !== undefined) return undefined;
  // Nothing is released after the end, but for the exercise of what was reset.
  return !last.exercise && !isUnderWay(emergency) ? undefined : last;
}

/** Whether anything left its holder in this emergency: if so, reset, review and verification are due whatever follows. */
export function isTouched(emergency: Emergency): boolean {
  return (
    emergency.openings.some((opening) => !opening.exercise && opening.releases.length > 0) ||
    isUnsealed(emergency)
  );
}

/** Whether an envelope was opened in this emergency, or in the drill that it was before. */
export function isUnsealed(emergency: Emergency): boolean {
  return emergency.retrievals.some((one) => one.opened !== undefined);
}

/** Whether an emergency still asks something of people. */
export function isOpen(emergency: Emergency): boolean {
  return emergency.closed === undefined;
}

/** Whether an emergency is neither ended nor aborted nor closed. */
export function isUnderWay(emergency: Emergency): boolean {
  return isOpen(emergency) && emergency.ended === undefined && emergency.aborted === undefined;
}
