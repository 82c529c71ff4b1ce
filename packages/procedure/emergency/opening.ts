import { digestOf, type Json } from '@halligan/format';
import { memberById, subjectOf, type VerifiedStatement } from '@halligan/statement';
import { after, isAfter } from '../duration.ts';
import { type EventBody, happened } from '../events.ts';
import { type Decision, isSaid, type Said } from '../input.ts';
import { type Refusal, refuse } from '../refusal.ts';
import {
  entryOf,
  isCandidate,
  isOpen,
  isTouched,
  liveOpening,
  type State,
  userOf,
} from '../state.ts';
import { type AtHand, emergencyAtHand } from './emergency-at-hand.ts';
import { signersOf } from './stand-ins.ts';
import { versionToVerify } from './version-to-verify.ts';

/** The requester asks for the shares of one path, to a one-time recipient, within the window. */
export function decideOpening(
  state: State,
  said: Said<'open.request'>,
  others: readonly VerifiedStatement[],
  document: Json | undefined,
  now: string,
): Decision {
  const found = emergencyAtHand(state, said, { exercise: true });
  if ('refusal' in found) return found;
  const { emergency, account, policy } = found;
  const { statement } = said;
  const exercise = statement.purpose === 'exercise';
  // No person sees what is exercised, so the second person may ask for that as well.
  const openers = exercise ? signersOf(state, emergency).flat() : [emergency.requester];
  if (!openers.includes(said.by)) {
    return refuse(
      'opening.requester',
      `${exercise ? 'The requester or the second person exercises.' : 'The requester opens.'}`,
      `Ask ${openers.join(' or ')}.`,
      openers,
    );
  }
  if (emergency.aborted !== undefined && !isTouched(emergency))
    return refuse('opening.over', 'This emergency was aborted.', 'Declare a new one.');
  const version = account.versions[statement.version];
  if (
    statement.account !== emergency.account ||
    version === undefined ||
    version.header.id !== statement.seal ||
    version.digest !== statement.sealDigest
  ) {
    return refuse(
      'opening.seal',
      'The request does not name a seal of this account.',
      'Fetch the seal and sign again.',
    );
  }
  const unready = exercise
    ? notExercisable(state, found, said, others, document)
    : notOpenable(state, found, said, others);
  if (unready !== undefined) return unready;
  if (!version.header.paths.some((path) => path.name === statement.path)) {
    return refuse(
      'opening.path',
      `The seal has no path “${statement.path}”.`,
      `It has ${version.header.paths.map((path) => path.name).join(', ')}.`,
    );
  }
  const latest = after(now, policy.timers.opening_window, policy.time_zone);
  if (isAfter(statement.expires, latest) || !isAfter(statement.expires, now)) {
    return refuse(
      'opening.expires',
      `The window is ${policy.timers.opening_window} from now.`,
      'Sign with an expiry inside the window; check the clock.',
    );
  }
  if (emergency.openings.some((one) => one.request === said.digest)) {
    return refuse(
      'opening.replayed',
      'This request is on the record already.',
      'Sign a new one, to a new one-time recipient.',
    );
  }
  if (liveOpening(emergency) !== undefined) {
    return refuse(
      'opening.live',
      'An opening is under way.',
      'Collect its shares, or wait until its window has passed.',
    );
  }
  return {
    events: [
      happened('OpeningRequested', {
        emergency: emergency.id,
        request: said.digest,
        by: said.by,
        account: statement.account,
        version: statement.version,
        path: statement.path,
        recipient: statement.recipient,
        expires: statement.expires,
        exercise,
      }),
    ],
  };
}

function notOpenable(
  state: State,
  { emergency, account, policy }: AtHand,
  said: Said<'open.request'>,
  others: readonly VerifiedStatement[],
): { readonly refusal: Refusal } | undefined {
  if (others.length > 0) {
    return refuse(
      'input.joint',
      'These statements are not one joint decision.',
      'Send each by itself.',
    );
  }
  const unready = notReady({ emergency, policy });
  if (unready !== undefined) return unready;
  if (!isCandidate(account, said.statement.version)) {
    return refuse(
      'opening.version',
      `Version ${account.current} is the one that the system accepts.`,
      'Open that one.',
    );
  }
  const { version } = said.statement;
  if (emergency.openings.some((one) => one.quorumAt !== undefined && one.version === version)) {
    return refuse(
      'opening.opened',
      'This version was opened already.',
      'Use it; when it does not work, end this emergency and use another account.',
    );
  }
  const user = userOf(state, emergency.account);
  if (user !== undefined && user.id !== emergency.id) {
    return refuse(
      'opening.taken',
      `Another emergency, ${user.id.slice(0, 12)}, uses this account.`,
      'Take part in that one, or abort this one and use another account.',
      [user.requester],
    );
  }
  return undefined;
}

/** Why nothing may be opened yet, by any way; undefined where it may: authorised, and everybody is there. */
export function notReady({
  emergency,
  policy,
}: Pick<AtHand, 'emergency' | 'policy'>): { readonly refusal: Refusal } | undefined {
  if (emergency.ended !== undefined || emergency.aborted !== undefined) {
    return refuse('opening.over', 'This emergency has ended.', 'Declare a new one.');
  }
  if (emergency.approval === undefined) {
    return refuse(
      'opening.not-approved',
      'Nobody has approved this yet.',
      `Call ${emergency.approver}; after ${policy.timers.approver_wait} of silence there is the exception.`,
      [emergency.approver],
    );
  }
  if (entryOf(emergency.parts, emergency.second)?.role !== 'second') {
    return refuse(
      'opening.no-second-person',
      'The second person has not confirmed yet.',
      `Ask ${emergency.second} to take part.`,
      [emergency.second],
    );
  }
  if (
    policy.witness === 'required' &&
    entryOf(emergency.parts, emergency.witness)?.role !== 'witness'
  ) {
    return refuse(
      'opening.no-witness',
      'The witness has not confirmed yet.',
      'Ask the witness to take part.',
      emergency.witness === undefined ? [] : [emergency.witness],
    );
  }
  return undefined;
}

/** The document by which the rotator vouches for the one-time recipient of its prover. */
interface ProverDocument {
  readonly v: 'halligan/prover/v1';
  readonly account: string;
  readonly version: number;
  readonly recipient: string;
}

/**
 * An exercise is opened to a recipient that no person holds: the rotator signs for it. Without that signature a
 * requester could call an opening an exercise, read the credential, and owe no reset.
 */
function notExercisable(
  state: State,
  { emergency, account }: AtHand,
  said: Said<'open.request'>,
  others: readonly VerifiedStatement[],
  document: Json | undefined,
): { readonly refusal: Refusal } | undefined {
  if (emergency.exercised !== undefined)
    return refuse('exercise.done', 'This version was exercised already.', 'Close the emergency.');
  if (versionToVerify(state, emergency) !== said.statement.version) {
    return refuse(
      'exercise.not-reset',
      'Only the version that the reset after this emergency made is exercised, while nobody knows it.',
      'Wait for the reset.',
    );
  }
  const [vouched] = others;
  const expected: ProverDocument = {
    v: 'halligan/prover/v1',
    account: account.document.id,
    version: said.statement.version,
    recipient: said.statement.recipient,
  };
  if (
    others.length !== 1 ||
    vouched === undefined ||
    !isSaid(vouched, 'attest') ||
    vouched.statement.what !== 'prover' ||
    vouched.by !== ROTATOR ||
    !isProgram(state, vouched.by) ||
    vouched.statement.purpose !== 'exercise' ||
    vouched.statement.subject !== subjectOf('account', account.document.id) ||
    vouched.statement.digest !== digestOf({ ...expected }) ||
    document === undefined ||
    digestOf(document) !== vouched.statement.digest
  ) {
    return refuse(
      'exercise.prover',
      'The rotator does not vouch for this recipient.',
      'Fetch the prover’s recipient and sign again.',
    );
  }
  return undefined;
}

/** The program that sets and proves credentials, by its id on the roster. */
export const ROTATOR = 'rotator';

/** Windows that have passed: said once each, by the clock. A touched version is due for rotation from then on. */
export function expireOpenings(state: State, now: string): readonly EventBody[] {
  return Object.values(state.emergencies)
    .filter(isOpen)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((emergency) => {
      const live = liveOpening(emergency);
      if (live === undefined || !isAfter(now, live.expires)) return [];
      return [happened('OpeningExpired', { emergency: emergency.id, request: live.request })];
    });
}

/** Whether a member is a program of ours, under the roster in force. */
export function isProgram(state: State, id: string): boolean {
  return state.roster !== undefined && memberById(state.roster, id)?.kind === 'program';
}
