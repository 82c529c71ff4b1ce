import type { Roster } from '@halligan/statement';
import type { Account } from './account/state.ts';
import type { Place } from './custody/state.ts';
import type { Register } from './emergency/register.ts';
import { type Emergency, isTouched, isUnderWay, liveOpening } from './emergency/state.ts';
import type { SystemDocument } from './organisation/inventory.ts';
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
