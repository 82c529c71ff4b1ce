import type { Roster } from '@halligan/statement';
import type { Access } from './account/access.ts';
import type { ByHand, KitPlace, OldCredential, SealHeader, Suspicion } from './account/events.ts';
import type { KeepDocument } from './custody/envelope.ts';
import type { Envelope, Place, Retrieval } from './custody/state.ts';
import type { Aftermath, ReviewFindings } from './emergency/aftermath-events.ts';
import type {
  Contact,
  CorrectiveAction,
  OpeningFacts,
  ReleaseFacts,
  ReviewPoint,
} from './emergency/events.ts';
import type { Register } from './emergency/register.ts';
import type { EventData } from './events.ts';
import type { Keeping } from './keeping/state.ts';
import type { AccountDocument, SystemDocument } from './organisation/inventory.ts';
import type { LogIdentity } from './organisation/log-key.ts';
import type { Machines } from './organisation/machines.ts';
import type { Policy } from './organisation/policy.ts';
import { EMPTY_SHELF } from './shelf.ts';
import { NOTHING_STANDING, type Standing } from './standing/standing.ts';

/** Everything the rules know: plain JSON, folded from events, thrown away and rebuilt at will. */
export interface State {
  readonly roster?: Roster;
  /** What signs the log, where its key was replaced since the genesis. */
  readonly log?: LogIdentity;
  /** When this record first held a pending roster change, by its link's digest. */
  readonly proposedAt: Readonly<Record<string, string>>;
  /** Digest of the policy in force. */
  readonly policy?: string;
  /** Digests of the statements that adopted policies: none adopts twice, should an old policy come back. */
  readonly adoptions: Readonly<Record<string, true>>;
  /** Every policy ever adopted, by digest: an emergency is judged by the one in force when it was declared. */
  readonly policies: Readonly<Record<string, Policy>>;
  readonly systems: Readonly<Record<string, SystemDocument>>;
  /** Digest of each system's driver settings, by the system's id. */
  readonly drivers: Readonly<Record<string, string>>;
  /** Systems whose accounts people rotate by hand, by id. */
  readonly byHand?: Readonly<Record<string, true>>;
  /** Where envelopes lie. */
  readonly places: Readonly<Record<string, Place>>;
  readonly accounts: Readonly<Record<string, Account>>;
  readonly emergencies: Register;
  /** Each approver's one-time spoken codes. */
  readonly approvalCodes: Readonly<Record<string, ApprovalCodes>>;
  /** Machines that report what happens on them, by their id. */
  readonly machines?: Machines;
  /** What signs the server's journal of those reports. */
  readonly reportsLog?: string;
  readonly standing: Standing;
  /** The last kit that each person's device verified, by the person's id. */
  readonly kitAttestations?: Readonly<
    Record<
      string,
      {
        readonly kit: string;
        readonly created: string;
        readonly size: number;
        readonly shares: number;
        readonly at: string;
      }
    >
  >;
}

/** An approver's sheet of one-time spoken codes, as far as the record knows it: by their commitments. */
export interface ApprovalCodes {
  readonly salt: string;
  readonly real: readonly string[];
  readonly drill: readonly string[];
  /** Every commitment ever spent, with the emergency that it was spent on. */
  readonly spent: Readonly<Record<string, string>>;
  /** Digests of the statements that committed sheets: an old sheet never comes back. */
  readonly statements: Readonly<Record<string, true>>;
}

export const EMPTY: State = {
  proposedAt: {},
  adoptions: {},
  policies: {},
  systems: {},
  drivers: {},
  places: {},
  accounts: {},
  emergencies: { open: {}, closed: EMPTY_SHELF, owing: {}, past: { practised: {}, givenUp: {} } },
  approvalCodes: {},
  standing: NOTHING_STANDING,
};

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

export interface Note {
  readonly by: string;
  readonly about: string;
  readonly occurred: string;
  readonly text: string;
  readonly outOfScope?: string;
  readonly direct?: boolean;
  /** Digest of the statement that said so: the same statement is noted once. */
  readonly statement: string;
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

/** The emergency that uses an account right now: one that is under way and touched it, or that collects its shares. */
export function userOf(state: State, account: string): Emergency | undefined {
  return Object.values(state.emergencies.open).find(
    (one) =>
      one.account === account &&
      isUnderWay(one) &&
      (isTouched(one) || liveOpening(one) !== undefined),
  );
}

/** The policy that an emergency is judged by. */
export function policyOfEmergency(state: State, emergency: Emergency): Policy | undefined {
  return state.policies[emergency.policy];
}

/**
 * Whether an account is unarmed and no open emergency is there to make it good: one whose close armed nothing, as after
 * a sign-in by hand under the first rules. A rotation arms it.
 */
export function isLeftUnarmed(state: State, account: Account): boolean {
  return (
    account.state === 'unarmed' && entryOf(state.emergencies.open, account.emergency) === undefined
  );
}

/**
 * The member of a record that has this name. Names come from statements, and an adversary may choose one that every
 * object has (`constructor`).
 */
export function entryOf<Value>(
  record: Readonly<Record<string, Value>>,
  name: string | undefined,
): Value | undefined {
  return name !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
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
