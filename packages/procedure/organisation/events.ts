import type { RosterLink } from '@halligan/statement';
import type { PersonDocument, SystemDocument } from './inventory.ts';
import type { LogKeyDocument } from './log-key.ts';
import type { MachineEvents } from './machines.ts';
import type { Policy } from './policy.ts';

/** What can happen to the organisation as a whole, by type, with its data. */
export interface OrganisationEvents extends MachineEvents {
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
  /** Commitments to an approver's one-time spoken codes, in the order of their sheet; they replace the ones before. */
  ApprovalCodesCommitted: {
    readonly person: string;
    readonly salt: string;
    readonly real: readonly string[];
    readonly drill: readonly string[];
    readonly statement: string;
  };
  ApprovalCodeSpent: {
    readonly person: string;
    readonly commitment: string;
    readonly spentOn: string;
  };
  /** It loosens a quorum, and waits for the holders’ consent or for the delay. */
  PolicyProposed: {
    readonly digest: string;
    readonly policy: Policy;
    readonly statements: readonly string[];
    readonly signers: readonly string[];
    readonly effective: string;
  };
  /** Somebody whose consent was missing objected to a policy or a roster change that waited. */
  ChangeCancelled: { readonly digest: string; readonly by: string };
  /** Another key signs the log from the next entry on; see `log-key.ts`. */
  LogKeyReplaced: LogKeyDocument;
  SystemAdded: { readonly system: SystemDocument };
  SystemChanged: { readonly system: SystemDocument };
  SystemRetired: { readonly system: string };
  PersonDescribed: { readonly person: PersonDocument };
  DutyDone: { readonly duty: string; readonly about: string; readonly by: string };
  RiskAccepted: {
    readonly finding: string;
    readonly by: string;
    readonly reason: string;
    readonly until: string;
  };
  DriverConfigured: {
    readonly system: string;
    readonly config: string;
    /** Nothing rotates its accounts: people do. */
    readonly byHand?: true;
  };
  KitAttested: {
    readonly by: string;
    readonly kit: string;
    readonly created: string;
    readonly size: number;
    readonly shares: number;
  };
}
