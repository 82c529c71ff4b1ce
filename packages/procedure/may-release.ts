import { isAfter } from './duration.ts';
import { SERVER_GROUP } from './policy.ts';
import { onlyProgramsMissing, quorumProgress } from './quorum.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { Emergency, Opening, State, Version } from './state.ts';

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
  const emergency = state.emergencies[id];
  const opening = emergency?.openings.find((one) => one.request === request);
  const account = emergency === undefined ? undefined : state.accounts[emergency.account];
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
  return stillDue(emergency, opening, now) ?? shareOf(version, opening, pins.holder, emergency);
}

function stillDue(
  emergency: Emergency,
  opening: Opening,
  now: string,
): { readonly refusal: Refusal } | undefined {
  if (emergency.closed !== undefined || emergency.aborted !== undefined) {
    return refuse('release.over', 'This emergency is over.', 'Nothing is to be released.');
  }
  if (!opening.exercise && emergency.ended !== undefined) {
    return refuse('release.over', 'This emergency has ended.', 'Nothing is to be released.');
  }
  if (!opening.exercise && emergency.approval === undefined) {
    return refuse('release.not-approved', 'Nobody approved this.', 'Wait for an approver.');
  }
  if (!opening.exercise && emergency.parts[emergency.second]?.role !== 'second') {
    return refuse(
      'release.no-second-person',
      'The second person has not confirmed.',
      `Ask ${emergency.second}.`,
      [emergency.second],
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
): Release | { readonly refusal: Refusal } {
  const progress = quorumProgress(version.header, opening.path, opening.releases);
  const share = version.header.shares.find(
    (one) => one.path === opening.path && one.holder === holder,
  );
  if (share === undefined) {
    const eligible = progress.flatMap((group) => group.missing);
    return refuse(
      'release.not-holder',
      'You hold no share on this path.',
      'Others can help.',
      eligible,
    );
  }
  if (emergency.witness === holder) {
    return refuse(
      'release.witness',
      'A witness observes and releases nothing.',
      'Others can help.',
    );
  }
  if (opening.releases.some((one) => one.holder === holder)) {
    return refuse(
      'release.again',
      'You released your share already: one person counts once.',
      'Others are needed.',
      progress.flatMap((group) => group.missing),
    );
  }
  if (share.group === SERVER_GROUP && !onlyProgramsMissing(progress)) {
    return refuse(
      'release.people-first',
      'The server’s share goes last, after people’s.',
      'Wait for the holders.',
      progress.flatMap((group) => group.missing),
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
