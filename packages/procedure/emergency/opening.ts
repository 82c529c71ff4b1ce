import { digestOf, type Json } from '@halligan/format';
import { memberById, subjectOf, type VerifiedStatement } from '@halligan/statement';
import { type Account, isCandidate } from '../account/state.ts';
import { after, isAfter } from '../duration.ts';
import { type EventBody, happened } from '../events.ts';
import { type Decision, isSaid, type Said } from '../input.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { type State, userOf } from '../state.ts';
import { hasApprovalByShare, missingControl, SOLO_PATH } from './dual-control.ts';
import { type AtHand, emergencyAtHand } from './emergency-at-hand.ts';
import { isOffline, needsServer, pathsOfPeople } from './offline.ts';
import { openEmergencies } from './register.ts';
import { signersOf } from './stand-ins.ts';
import { type Emergency, isOpen, isTouched, liveOpening } from './state.ts';
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
  if (isOffline(said) && needsServer(version, statement.path)) {
    return refuse(
      'opening.offline',
      `The path “${statement.path}” needs the server’s share, and the server is not there.`,
      `Open by a path of people alone: ${pathsOfPeople(version).join(' or ') || 'this seal has none'}.`,
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
  found: AtHand,
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
  const { emergency, account } = found;
  const { version, path } = said.statement;
  const unready = notReady(state, found, { version, path });
  if (unready !== undefined) return unready;
  if (emergency.second === undefined && path !== SOLO_PATH)
    return refuse(
      'opening.solo-path',
      `Without a second person only the path “${SOLO_PATH}” opens.`,
      `Ask for --path ${SOLO_PATH}, or abort and declare with a second person.`,
    );
  if (!isCandidate(account, version)) {
    return refuse(
      'opening.version',
      `Version ${account.current} is the one that the system accepts.`,
      'Open that one.',
    );
  }
  if (
    emergency.openings.some(
      (one) => one.quorumAt !== undefined && one.version === version && one.rehearsed !== true,
    )
  ) {
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
  return touchedElsewhere(state, emergency, account, version);
}

/**
 * Why nothing may be opened yet, by any way; undefined where it may: authorised, and everybody is there.
 * @param asked the version and path of an opening by shares; left out where an envelope is opened
 */
export function notReady(
  state: State,
  { emergency, account, policy }: AtHand,
  asked?: { readonly version: number; readonly path: string },
): { readonly refusal: Refusal } | undefined {
  if (emergency.ended !== undefined || emergency.aborted !== undefined) {
    return refuse('opening.over', 'This emergency has ended.', 'Declare a new one.');
  }
  const version = account.versions[asked?.version ?? account.current];
  const byShare =
    asked !== undefined &&
    version !== undefined &&
    hasApprovalByShare(state, version.header, asked.path);
  const missing = missingControl(
    state,
    emergency,
    policy,
    version,
    byShare ? 'by the share' : 'needed',
  );
  return missing === undefined
    ? undefined
    : refuse(`opening.${missing.what}`, missing.why, missing.next, missing.eligible);
}

/**
 * Shares of one version add up across emergencies: what another one touched is opened again only where nothing armed
 * remains.
 */
function touchedElsewhere(
  state: State,
  emergency: Emergency,
  account: Account,
  version: number,
): { readonly refusal: Refusal } | undefined {
  const own = emergency.openings.some((one) => one.version === version && one.releases.length > 0);
  if (own || account.versions[version]?.touched !== true) return undefined;
  const armed = Object.values(state.accounts)
    .filter((one) => one.document.system === emergency.system && one.state === 'armed')
    .map((one) => one.document.id);
  if (armed.length === 0) return undefined;
  return refuse(
    'opening.touched',
    `Shares of version ${version} left their holders in another emergency.`,
    `Abort this one, and declare with ${armed.join(' or ')}.`,
  );
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
  const elsewhere = openEmergencies(state).find(
    (one) =>
      one.id !== emergency.id &&
      one.account === emergency.account &&
      isOpen(one) &&
      liveOpening(one) !== undefined,
  );
  if (elsewhere !== undefined)
    return refuse(
      'exercise.elsewhere',
      `Another emergency, ${elsewhere.id.slice(0, 12)}, collects shares of this account.`,
      'Wait for its quorum, or until its window has passed.',
      [elsewhere.requester],
    );
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

/** How long an opening that was asked for without the server waits for its releases to be merged too. */
const TAKING_IN = '1h';

/** Windows that have passed: said once each, by the clock. A touched version is due for rotation from then on. */
export function expireOpenings(state: State, now: string): readonly EventBody[] {
  return openEmergencies(state)
    .filter(isOpen)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((emergency) => {
      const live = liveOpening(emergency);
      if (live === undefined || !isAfter(now, live.expires)) return [];
      // What was done without the server is taken in statement by statement: its releases are given time to follow.
      if (live.learnt !== undefined && !isAfter(now, after(live.learnt, TAKING_IN, 'UTC')))
        return [];
      return [happened('OpeningExpired', { emergency: emergency.id, request: live.request })];
    });
}

/** Whether a member is a program of ours, under the roster in force. */
export function isProgram(state: State, id: string): boolean {
  return state.roster !== undefined && memberById(state.roster, id)?.kind === 'program';
}
