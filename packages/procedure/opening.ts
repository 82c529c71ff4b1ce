import { digestOf, type Json } from '@halligan/format';
import { memberById, subjectOf, type VerifiedStatement } from '@halligan/statement';
import { after, isAfter } from './duration.ts';
import { type AtHand, emergencyAtHand } from './emergency-at-hand.ts';
import { type EventBody, happened } from './events.ts';
import { type Decision, isSaid, type Said } from './input.ts';
import { mayRelease } from './may-release.ts';
import { isMet, quorumProgress } from './quorum.ts';
import { refuse } from './refusal.ts';
import { isOpen, isTouched, liveOpening, type State, type Version } from './state.ts';

/** The requester asks for the shares of one path, to a one-time recipient, within the window. */
export function decideOpening(
  state: State,
  said: Said<'open.request'>,
  others: readonly VerifiedStatement[],
  document: Json | undefined,
  now: string,
): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const { emergency, account, policy } = found;
  const { statement } = said;
  const exercise = statement.purpose === 'exercise';
  if (said.by !== emergency.requester) {
    return refuse('opening.requester', 'The requester opens.', `Ask ${emergency.requester}.`, [
      emergency.requester,
    ]);
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
    ? notExercisable(found, said, others, document)
    : notOpenable(found, said);
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
  { emergency, account, policy }: AtHand,
  said: Said<'open.request'>,
): Decision | undefined {
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
  if (emergency.parts[emergency.second]?.role !== 'second') {
    return refuse(
      'opening.no-second-person',
      'The second person has not confirmed yet.',
      `Ask ${emergency.second} to take part.`,
      [emergency.second],
    );
  }
  if (
    policy.witness === 'required' &&
    (emergency.witness === undefined || emergency.parts[emergency.witness] === undefined)
  ) {
    return refuse(
      'opening.no-witness',
      'The witness has not confirmed yet.',
      'Ask the witness to take part.',
      emergency.witness === undefined ? [] : [emergency.witness],
    );
  }
  if (said.statement.version !== account.current) {
    return refuse(
      'opening.version',
      `Version ${account.current} is the one that the system accepts.`,
      'Open that one.',
    );
  }
  if (emergency.openings.some((one) => one.quorumAt !== undefined)) {
    return refuse('opening.opened', 'This was opened already.', 'One live opening a version.');
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
  { emergency, account }: AtHand,
  said: Said<'open.request'>,
  others: readonly VerifiedStatement[],
  document: Json | undefined,
): Decision | undefined {
  if (emergency.reset === undefined || emergency.reset.version !== said.statement.version) {
    return refuse(
      'exercise.not-reset',
      'Only the version of this emergency’s reset is exercised.',
      'Wait for the reset.',
    );
  }
  if (emergency.exercised !== undefined)
    return refuse('exercise.done', 'This version was exercised already.', 'Close the emergency.');
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

/** A holder releases a share: the same question that the holder's device answered, asked again by the server. */
export function decideRelease(state: State, said: Said<'share.release'>, now: string): Decision {
  const found = emergencyAtHand(state, said);
  if ('refusal' in found) return found;
  const { emergency, account } = found;
  const { statement } = said;
  const { roster } = state;
  const opening = emergency.openings.find((one) => one.request === statement.request);
  const version = opening === undefined ? undefined : account.versions[opening.version];
  if (roster === undefined || opening === undefined || version === undefined) {
    return refuse(
      'release.unknown',
      'There is no such opening request.',
      'See halligan emergency show.',
    );
  }
  if (opening.exercise !== (statement.purpose === 'exercise')) {
    return refuse(
      'emergency.purpose',
      'The release was signed for another purpose than the opening.',
      'Sign for what it is.',
    );
  }
  const pins = { organisation: roster.organisation, origin: roster.origin, holder: said.by };
  const answer = mayRelease(
    { state, emergency: emergency.id, request: opening.request },
    pins,
    now,
  );
  if ('refusal' in answer) return answer;
  if (
    statement.path !== answer.path ||
    statement.group !== answer.group ||
    statement.commitment !== answer.commitment
  ) {
    return refuse(
      'release.share',
      'That is not your share of this seal.',
      'Fetch the case and release again.',
    );
  }
  const release = {
    request: opening.request,
    path: statement.path,
    group: statement.group,
    holder: said.by,
    ciphertext: statement.ciphertext,
    statement: said.digest,
  };
  const events: EventBody[] = [happened('ShareReleased', { emergency: emergency.id, ...release })];
  if (!opening.exercise)
    events.push(...touch(emergency.id, emergency.account, opening.version, version));
  if (isMet(quorumProgress(version.header, opening.path, [...opening.releases, release]))) {
    events.push(
      happened('QuorumReached', {
        emergency: emergency.id,
        request: opening.request,
        path: opening.path,
      }),
    );
  }
  return { events };
}

/** The first share that leaves its holder makes the version due for rotation, and the account this emergency's. */
function touch(
  emergency: string,
  account: string,
  number: number,
  version: Version,
): readonly EventBody[] {
  if (version.touched) return [];
  return [
    happened('VersionTouched', { account, version: number, emergency }),
    happened('AccountTaken', { account, emergency }),
  ];
}

/** Windows that have passed: said once each, by the clock. A touched version is due for rotation from then on. */
export function expireOpenings(state: State, now: string): readonly EventBody[] {
  return Object.values(state.emergencies)
    .filter(isOpen)
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
