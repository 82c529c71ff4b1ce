import { memberById, type Roster } from '@halligan/statement';
import type { SealShare } from '../account/events.ts';
import { isCandidate, type Version } from '../account/state.ts';
import { isAfter } from '../duration.ts';
import { SERVER_GROUP } from '../organisation/policy.ts';
import { canBeMet, type GroupProgress, onlyProgramsMissing, quorumProgress } from '../quorum.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { tooEarly, type Watched } from '../standing/watch.ts';
import { entryOf, type State } from '../state.ts';
import { isApprovalByShare, missingControl } from './dual-control.ts';
import { emergencyById } from './register.ts';
import { type Emergency, isUnderWay, type Opening } from './state.ts';
import { participants } from './taking-part.ts';

/** The case for a release: the record so far, verified and folded, and the request that asks for the share. */
export interface ReleaseCase {
  readonly state: State;
  readonly emergency: string;
  /** Digest of the open.request statement. */
  readonly request: string;
}

/** What a holder's device holds on to, whatever a server tells it. */
export interface Pins {
  readonly organisation: string;
  readonly origin: string;
  /** Who is asked to release. */
  readonly holder: string;
  /** What this device saw of changes that wait: their delay is counted here, not by the server. */
  readonly watched?: Watched;
}

/** A yes names the one share that may go. */
export interface Release {
  readonly may: true;
  readonly path: string;
  readonly group: string;
  readonly commitment: string;
  readonly version: number;
  readonly recipient: string;
}

/**
 * May this holder release a share for this request, now? The same answer for a person's device, the releaser, the
 * server and the auditor. The state was replayed from statements that the caller verified, so everything that the
 * rules ask of declaration, authorisation and acknowledgement held when the request was accepted; what is asked here
 * is what may have changed since, and what the holder must not take from the server on trust.
 */
export function mayRelease(
  { state, emergency: id, request }: ReleaseCase,
  pins: Pins,
  now: string,
): Release | { readonly refusal: Refusal } {
  const emergency = emergencyById(state, id);
  const opening = emergency?.openings.find((one) => one.request === request);
  const account = entryOf(state.accounts, emergency?.account);
  const version = opening === undefined ? undefined : account?.versions[opening.version];
  if (
    emergency === undefined ||
    opening === undefined ||
    account === undefined ||
    version === undefined
  ) {
    return refuse(
      'release.unknown',
      'The record holds no such request.',
      'Ask the requester to open again.',
    );
  }
  const { roster } = state;
  if (
    roster === undefined ||
    roster.organisation !== pins.organisation ||
    roster.origin !== pins.origin
  ) {
    return refuse(
      'release.pins',
      'This record is not of the organisation that your device knows.',
      'Do not release. Tell security.',
    );
  }
  const early = pins.watched === undefined ? undefined : tooEarly(state, pins.watched, now);
  if (early !== undefined) {
    return refuse(
      'release.too-early',
      `A change of who may open took effect without consent, and your device has not known it for 48 hours: ${early.change.slice(0, 12)}.`,
      `Ask the others whether it is theirs. Until ${early.until}, holders whose devices have known it for longer release, or the kit opens.`,
    );
  }
  if (
    version.header.organisation !== pins.organisation ||
    version.header.account !== emergency.account
  ) {
    return refuse(
      'release.seal',
      'The seal is not of this account.',
      'Do not release. Tell security.',
    );
  }
  if (!isCandidate(account, opening.version)) {
    return refuse(
      'release.version',
      `Version ${opening.version} was replaced since this was asked for.`,
      'Ask the requester to open again.',
      [emergency.requester],
    );
  }
  const overdue = stillDue(emergency, opening, now);
  if (overdue !== undefined) return overdue;
  const share = shareOf(version, opening, pins.holder, emergency, roster);
  if (opening.exercise) return share;
  return uncontrolled(state, emergency, version, pins.holder, share) ?? share;
}

/**
 * What the holder must not take on trust: approval, second person or executive, witness; asked again, because people
 * may have left since. Where an executive's share is the approval, that one goes first.
 */
function uncontrolled(
  state: State,
  emergency: Emergency,
  version: Version,
  holder: string,
  share: Release | { readonly refusal: Refusal },
): { readonly refusal: Refusal } | undefined {
  const policy = state.policies[emergency.policy];
  if (policy === undefined)
    return refuse('release.unknown', 'The record holds no such policy.', 'Do not release.');
  const approves =
    'may' in share &&
    isApprovalByShare(state, version.header, share.path, share.group) &&
    !participants(emergency).includes(holder);
  const missing = missingControl(
    state,
    emergency,
    policy,
    version,
    approves ? 'by the share' : 'needed',
  );
  return missing === undefined
    ? undefined
    : refuse(`release.${missing.what}`, missing.why, missing.next, missing.eligible);
}

/** Whether somebody only watches: a witness who is not the second person as well. */
export function watches({ witness, second }: Emergency, person: string): boolean {
  return witness === person && second !== person;
}

function stillDue(
  emergency: Emergency,
  opening: Opening,
  now: string,
): { readonly refusal: Refusal } | undefined {
  // What was reset is exercised after the end, or after an abort.
  if (opening.exercise ? emergency.closed !== undefined : !isUnderWay(emergency)) {
    return refuse('release.over', 'This emergency is over.', 'Nothing is to be released.');
  }
  if (opening.exercise && emergency.exercised !== undefined) {
    return refuse(
      'release.over',
      'This version was exercised already.',
      'Nothing is to be released.',
    );
  }
  if (opening.quorumAt !== undefined) {
    return refuse('release.complete', 'The quorum is complete.', 'Nothing more is to be released.');
  }
  if (opening.expired || isAfter(now, opening.expires)) {
    return refuse(
      'release.window',
      'The opening window has passed; no further share is released.',
      'Ask the requester to open again.',
      [emergency.requester],
    );
  }
  return undefined;
}

function shareOf(
  version: Version,
  opening: Opening,
  holder: string,
  emergency: Emergency,
  roster: Roster,
): Release | { readonly refusal: Refusal } {
  const progress = quorumProgress(version.header, opening.path, opening.releases);
  const others = progress
    .flatMap((group) => group.missing)
    .filter((one) => one !== holder && !watches(emergency, one));
  const shares = version.header.shares.filter(
    (one) => one.path === opening.path && one.holder === holder,
  );
  const share = mostHelpful(shares, progress, emergency, roster);
  if (share === undefined) {
    return refuse(
      'release.not-holder',
      'You hold no share on this path.',
      'Others can help.',
      others,
    );
  }
  if (watches(emergency, holder)) {
    return refuse(
      'release.witness',
      'A witness observes and releases nothing.',
      'Others can help.',
      others,
    );
  }
  if (opening.releases.some((one) => one.holder === holder)) {
    return refuse(
      'release.again',
      'You released your share already: one person counts once.',
      'Others are needed.',
      others,
    );
  }
  if (share.group === SERVER_GROUP && !onlyProgramsMissing(progress)) {
    return refuse(
      'release.people-first',
      'The server’s share goes last, after people’s.',
      'Wait for the holders.',
      others,
    );
  }
  return {
    may: true,
    path: share.path,
    group: share.group,
    commitment: share.commitment,
    version: opening.version,
    recipient: opening.recipient,
  };
}

/**
 * Which of a holder's shares goes: one person counts once, so whoever is in two groups of a path gives the share that
 * leaves the others able to complete the rest: those who are still there, since nobody waits for one who has left.
 */
function mostHelpful(
  shares: readonly SealShare[],
  progress: readonly GroupProgress[],
  emergency: Emergency,
  roster: Roster,
): SealShare | undefined {
  const needed = shares.filter((share) =>
    progress.some((group) => group.name === share.group && group.have.length < group.need),
  );
  const helpful = needed.find((share) =>
    canBeMet(
      progress.map((group) => ({
        need: group.need - group.have.length - (group.name === share.group ? 1 : 0),
        holders: group.missing.filter(
          (one) =>
            one !== share.holder &&
            !watches(emergency, one) &&
            memberById(roster, one) !== undefined,
        ),
      })),
    ),
  );
  return helpful ?? needed[0] ?? shares[0];
}
