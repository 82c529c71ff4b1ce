import { memberById, type PendingChange, type Roster, rosterWith } from './roster.ts';
import { type Consent, consentFor } from './roster-consent.ts';
import { changeFault, type RosterRefusal, refusal, rosterFault } from './roster-fault.ts';
import type { RosterLink, VerifiedLink } from './roster-link.ts';
import type { VerifiedStatement } from './signed-statement.ts';

/** How long a change without consent waits, counted by each device from when it first saw the change. */
export const ROSTER_DELAY_HOURS = 48;
const DELAY = ROSTER_DELAY_HOURS * 3_600_000;
/** Any applied change clears what is pending, so a flood of proposals can always be cleared. */
const PENDING_LIMIT = 16;

/** What the rules need to know besides the roster. */
export interface RosterContext {
  /** RFC 3339. */
  readonly now: string;
  /**
   * When this device (or this journal) first saw a pending link, RFC 3339; undefined where it never did. Record it
   * when the answer is `pending`, show it to the person then, and never change it.
   */
  readonly firstSeen: (linkDigest: string) => string | undefined;
  /** The largest threshold that any path of the policy in force asks of a group; 0 where none names it. */
  readonly thresholdOf: (group: string) => number;
}

/** In force: the roster has a new digest. */
export interface RosterApplied {
  readonly result: 'applied';
  readonly roster: Roster;
}

/**
 * Valid, but without the consent that it needs. The roster's digest is unchanged and its `pending` names the change.
 * It takes effect when the missing people sign, or when it is asked for again after `effective`. Any other change
 * that is applied meanwhile cancels it: that is how the others object.
 */
export interface RosterPending {
  readonly result: 'pending';
  readonly roster: Roster;
  readonly digest: string;
  readonly missing: readonly Consent[];
  /** RFC 3339. */
  readonly effective: string;
}

export type RosterOutcome = RosterApplied | RosterPending | RosterRefusal;

/**
 * The rules of the roster, pure and synchronous: what a link makes of a roster, given who signed it.
 * One admin signs every change; {@link consentFor} says what needs more; what lacks it waits 48 hours.
 * @param signers ids from {@link signersOf}; those of the same pending change are added
 */
export function rosterAfter(
  roster: Roster,
  verified: VerifiedLink,
  signers: readonly string[],
  context: RosterContext,
): RosterOutcome {
  return outcome(roster, verified, signers, context);
}

/** As {@link rosterAfter}, for a change that is already pending: on a tick, without another signature. */
export function pendingAfter(
  roster: Roster,
  linkDigest: string,
  context: RosterContext,
): RosterOutcome {
  const pending = pendingChange(roster, linkDigest);
  if (pending === undefined) {
    return refusal(
      'roster.not-pending',
      'This change is not pending.',
      'It took effect, or another change cancelled it: propose it again.',
    );
  }
  return outcome(roster, pending, [], context);
}

/**
 * Who signed a link: the authors of those statements that are about it, made under this roster and for real.
 * Other statements do not count.
 */
export function signersOf(
  roster: Roster,
  linkDigest: string,
  statements: readonly VerifiedStatement[],
): readonly string[] {
  const counting = statements.filter((one) => countsFor(one, linkDigest, roster.digest));
  return [...new Set(counting.map((one) => one.by))];
}

/** Whether a statement is a signature over a link. @param under digest of the roster in force, null for a genesis */
export function countsFor(
  { statement }: VerifiedStatement,
  linkDigest: string,
  under: string | null,
): boolean {
  return (
    statement.kind === 'roster.change' &&
    statement.subject === linkDigest &&
    statement.roster === under &&
    statement.purpose === 'real'
  );
}

function outcome(
  roster: Roster,
  { link, digest }: { readonly link: RosterLink; readonly digest: string },
  newSigners: readonly string[],
  context: RosterContext,
): RosterOutcome {
  if (link.number !== roster.number + 1 || link.previous !== roster.digest) {
    return refusal(
      'roster.order',
      'This change does not follow the roster in force.',
      'Bring the roster up to date, and propose the change again.',
    );
  }
  const earlier = pendingChange(roster, digest);
  const signers = [...new Set([...(earlier?.signers ?? []), ...newSigners])];
  const fault =
    signersFault(roster, signers) ??
    changeFault(roster, link.change) ??
    rosterFault(rosterWith(roster, link, digest));
  if (fault !== undefined) return fault;

  const needed = consentFor(roster, link.change, signers, context.thresholdOf);
  const missing = needed.filter((consent) => consent.have < consent.need);
  const effective = Date.parse(context.firstSeen(digest) ?? context.now) + DELAY;
  if (missing.length === 0 || effective <= Date.parse(context.now)) {
    return { result: 'applied', roster: rosterWith(roster, link, digest) };
  }
  const others = roster.pending.filter((change) => change.digest !== digest);
  if (others.length >= PENDING_LIMIT) {
    return refusal(
      'roster.pending-full',
      `${PENDING_LIMIT} changes are pending already.`,
      'Wait for one, gather the signatures for one, or apply another change, which cancels them all.',
    );
  }
  return {
    result: 'pending',
    roster: { ...roster, pending: [...others, { digest, link, signers }] },
    digest,
    missing,
    effective: new Date(effective).toISOString(),
  };
}

function signersFault(roster: Roster, signers: readonly string[]): RosterRefusal | undefined {
  const members = signers.map((id) => memberById(roster, id));
  if (members.some((member) => member?.kind !== 'person')) {
    return refusal(
      'roster.stranger',
      'Somebody who is not a person of this roster signed the change.',
      'Do not apply it. Ask the admins who made it.',
    );
  }
  if (members.some((member) => member?.roles.includes('admin') === true)) return undefined;
  return refusal('roster.admin', 'No admin signed this change.', 'Ask an admin to sign it.');
}

function pendingChange(roster: Roster, digest: string): PendingChange | undefined {
  return roster.pending.find((change) => change.digest === digest);
}
