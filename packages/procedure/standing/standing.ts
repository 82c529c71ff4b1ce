import type { Member } from '@halligan/statement';
import type { PersonDocument } from '../organisation/inventory.ts';
import type { Policy } from '../organisation/policy.ts';

/** What an organisation is and owes without any emergency, beside its inventory: plain JSON, folded from events. */
export interface Standing {
  /** What people’s work is, by their id; who is on the roster is the roster’s to say. */
  readonly people: Readonly<Record<string, PersonDocument>>;
  /** When an entry of the inventory was last put, by `<kind>:<id>`. */
  readonly since: Readonly<Record<string, string>>;
  /** When a system was retired, by its id. */
  readonly retired: Readonly<Record<string, string>>;
  /** The last time each standing duty was done, by `<duty>:<about>`. */
  readonly duties: Readonly<Record<string, DutyDone>>;
  /** Risks that somebody took upon them, by the finding’s id. */
  readonly risks: Readonly<Record<string, AcceptedRisk>>;
  /** When the policy in force was adopted. */
  readonly policySince?: string;
  /** When the people of a group last changed, once a policy was there. */
  readonly staffChanged?: string;
  /** When somebody’s keys were last replaced, by their id. */
  readonly rekeyed: Readonly<Record<string, string>>;
  /** Whoever was taken off the roster, as they stood there last, and since when: only for telling them so. */
  readonly left: Readonly<Record<string, { readonly member: Member; readonly at: string }>>;
  /** Policies that wait for consent or for their delay, by digest. */
  readonly proposals: Readonly<Record<string, PolicyProposal>>;
  /** Changes of roster and policy that took effect by waiting, by digest, and when the record says that they did. */
  readonly delayed: Readonly<Record<string, string>>;
}

export interface DutyDone {
  readonly at: string;
  readonly by: string;
}

export interface AcceptedRisk {
  readonly by: string;
  readonly at: string;
  readonly reason: string;
  /** A date. */
  readonly until: string;
}

/** A policy that two admins signed and that loosens a quorum. */
export interface PolicyProposal {
  readonly policy: Policy;
  readonly at: string;
  readonly effective: string;
  readonly signers: readonly string[];
  readonly statements: readonly string[];
}

export const NOTHING_STANDING: Standing = {
  people: {},
  since: {},
  retired: {},
  duties: {},
  risks: {},
  rekeyed: {},
  left: {},
  proposals: {},
  delayed: {},
};
