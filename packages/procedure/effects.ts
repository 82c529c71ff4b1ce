import { isRotatedByPeople } from './account/rotated-by.ts';
import { type Account, lastVersion, type Version, versionUnderHands } from './account/state.ts';
import { isAfter } from './duration.ts';
import { summaryDueTo, untoldApprovers } from './emergency/contact.ts';
import { isProgram, ROTATOR } from './emergency/opening.ts';
import { isSubmissionDue } from './emergency/record.ts';
import {
  closedSince,
  isErasureDue,
  openEmergencies,
  owingEmergencies,
} from './emergency/register.ts';
import { type Emergency, isTouched, liveOpening } from './emergency/state.ts';
import { isReset, versionToVerify } from './emergency/version-to-verify.ts';
import { onlyProgramsMissing, quorumProgress } from './quorum.ts';
import { plannedRotation } from './standing/planned-rotation.ts';
import { waitingChanges } from './standing/watch.ts';
import { isLeftUnarmed, type State, userOf } from './state.ts';

/**
 * What the server has to do next. Derived from the state, not from the event that led to it, so that a server that
 * was killed anywhere picks up where the record stands: at least once, and harmless twice.
 */
export type Effect =
  | { readonly do: 'release'; readonly emergency: string; readonly request: string }
  | { readonly do: 'rotate'; readonly account: string }
  /** A version that was made on a person's device goes into the kits, before that person sees it. */
  | { readonly do: 'kit'; readonly account: string; readonly version: number }
  | { readonly do: 'exercise'; readonly emergency: string; readonly request: string }
  | { readonly do: 'pack'; readonly emergency: string }
  /** The signed record goes to the incident system, where one is configured; people submit it otherwise. */
  | { readonly do: 'submit'; readonly emergency: string }
  /** A written summary to the approver of what they said by other means; done when that person was contacted. */
  | { readonly do: 'send-summary'; readonly emergency: string; readonly person: string }
  /** A notice to approvers whose silence stood for an approval; done for each when contacted. */
  | { readonly do: 'send-notice'; readonly emergency: string; readonly people: readonly string[] }
  | { readonly do: 'erase'; readonly emergency: string }
  /** Programs see a change that waits, so that they count its delay from when it began. */
  | { readonly do: 'watch'; readonly change: string };

/** Failed rotations in a row after which people decide: a system that refuses is not asked for ever. */
const MOST_FAILURES = 2;

/**
 * Everything that is to be done now, but for the packs: see {@link packsDue}.
 * @param now RFC 3339; without it, only what does not depend on the time
 */
export function dueEffects(state: State, now?: string): readonly Effect[] {
  const emergencies = openEmergencies(state).flatMap((one): readonly Effect[] => [
    ...releaseDue(state, one),
    ...exerciseDue(state, one),
    ...(isSubmissionDue(one) ? [{ do: 'submit', emergency: one.id } as const] : []),
    ...wordsDue(state, one),
  ]);
  const erasures = owingEmergencies(state)
    .filter(isErasureDue)
    .map(({ id }): Effect => ({ do: 'erase', emergency: id }));
  const rotations = Object.values(state.accounts)
    .filter((account) => rotationDue(state, account))
    .map((account): Effect => ({ do: 'rotate', account: account.document.id }));
  const planned =
    now === undefined || rotations.length > 0 ? undefined : plannedRotation(state, now);
  return [
    ...emergencies,
    ...erasures,
    ...rotations,
    ...Object.values(state.accounts).flatMap(kitDue),
    ...waitingChanges(state).map((change) => ({ do: 'watch', change }) as const),
    ...(planned === undefined ? [] : [{ do: 'rotate', account: planned } as const]),
  ];
}

/** What approvers are to be told in writing, without anybody having to think of it. */
function wordsDue(state: State, emergency: Emergency): readonly Effect[] {
  const person = summaryDueTo(emergency);
  const over = emergency.ended !== undefined || emergency.aborted !== undefined;
  const people = over ? untoldApprovers(state, emergency) : [];
  return [
    ...(person === undefined
      ? []
      : [{ do: 'send-summary', emergency: emergency.id, person } as const]),
    ...(people.length === 0
      ? []
      : [{ do: 'send-notice', emergency: emergency.id, people } as const]),
  ];
}

/**
 * The packs of records that are closed: each is made once, and which were is nothing that the record says. One whose texts
 * two people ordered to be erased is erased first, and packed as it then is.
 * @param packed a state whose packs are all made: only what was closed or changed since is named, however many there are
 */
export function packsDue(state: State, packed?: State): readonly Effect[] {
  return closedSince(state, packed)
    .filter((one) => !isErasureDue(one))
    .map(({ id }) => ({ do: 'pack', emergency: id }));
}

/** The server's share goes last: when it is the only one missing. */
function releaseDue(state: State, emergency: Emergency): readonly Effect[] {
  const opening = liveOpening(emergency);
  const version =
    opening === undefined
      ? undefined
      : state.accounts[emergency.account]?.versions[opening.version];
  if (opening === undefined || version === undefined || opening.releases.length === 0) return [];
  const progress = quorumProgress(version.header, opening.path, opening.releases);
  return onlyProgramsMissing(progress)
    ? [{ do: 'release', emergency: emergency.id, request: opening.request }]
    : [];
}

function exerciseDue(state: State, emergency: Emergency): readonly Effect[] {
  if (emergency.exercised !== undefined || emergency.closed !== undefined) return [];
  if (!isProgram(state, ROTATOR)) return [];
  const opening = emergency.openings.findLast((one) => one.exercise && one.quorumAt !== undefined);
  return opening === undefined || opening.version !== versionToVerify(state, emergency)
    ? []
    : [{ do: 'exercise', emergency: emergency.id, request: opening.request }];
}

/**
 * A new account, one whose rotation was cut short or did not kill the old credential, or one that an emergency touched
 * which is over; never under the hands of those who use it.
 */
function rotationDue(state: State, account: Account): boolean {
  const { id } = account.document;
  if (account.state === 'retired' || failuresInARow(account) >= MOST_FAILURES) return false;
  if (userOf(state, id) !== undefined) return false;
  if (versionUnderHands(account) !== undefined) return false;
  const last = account.versions[lastVersion(account)];
  // People rotate it, or are about to; what a program left half done stands in their way until it is given up.
  if (isRotatedByPeople(state, account.document.system)) return isCutShort(last);
  if (last === undefined || last.proven === undefined || last.proven.old === 'accepted')
    return true;
  if (isLeftUnarmed(state, account)) return true;
  // What others may have read is worth nothing once something newer is proven.
  if (account.state === 'suspect' && !isAfter(last.proven.at, account.since)) return true;
  return openEmergencies(state).some(
    (one) => one.account === id && isTouched(one) && !isReset(state, one),
  );
}

function isCutShort(last: Version | undefined): boolean {
  return last !== undefined && last.proven === undefined && last.failed === undefined;
}

function kitDue(account: Account): readonly Effect[] {
  const version = versionUnderHands(account);
  return version === undefined || account.versions[version]?.kit !== undefined
    ? []
    : [{ do: 'kit', account: account.document.id, version }];
}

/** A version that failed, or whose rotation left the old credential alive: each try may count as a bad sign-in. */
function failuresInARow(account: Account): number {
  let failures = 0;
  for (let number = lastVersion(account); isFailure(account.versions[number]); number -= 1)
    failures += 1;
  return failures;
}

function isFailure(version: Version | undefined): boolean {
  if (version === undefined) return false;
  return version.proven === undefined
    ? version.failed !== undefined
    : version.proven.old === 'accepted';
}
