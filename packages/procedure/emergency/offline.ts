import type { StatementKind, VerifiedStatement } from '@halligan/statement';
import type { Version } from '../account/state.ts';
import { after, isAfter } from '../duration.ts';
import { type EventBody, happened, streamOf } from '../events.ts';
import { evolve } from '../evolve.ts';
import type { Decision } from '../input.ts';
import { SERVER_GROUP } from '../organisation/policy.ts';
import { refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import { emergencyById } from './register.ts';
import { type Emergency, liveOpening } from './state.ts';

/** What people do in an emergency without the server: from its declaration to its end. The rest waits for the server. */
const KINDS: ReadonlySet<StatementKind> = new Set<StatementKind>([
  'declare',
  'approve',
  'refuse',
  'exception',
  'take-part',
  'open.request',
  'share.release',
  'note',
  'addendum',
  'end',
  'abort',
]);

/** How far ahead a signer's clock may be. */
const CLOCK_SKEW = '5m';

/** Whether a statement was made without the server. */
export function isOffline({ statement }: VerifiedStatement): boolean {
  return statement.offline !== undefined;
}

/**
 * What was done without the server, judged by the same rules at its own time: on each device while it happens, again
 * by the server that takes it in later, and by whoever replays that. The time is the signer's word; within an
 * emergency it does not go back.
 * @param judge the rules, on a state and at an instant
 */
export function decideOffline(
  state: State,
  said: VerifiedStatement,
  now: string,
  judge: (state: State, at: string) => Decision,
): Decision {
  const { statement } = said;
  if (!KINDS.has(statement.kind) || statement.purpose === 'exercise')
    return refuse(
      'offline.kind',
      `“${statement.kind}” is not for when the server is gone.`,
      'Wait until the server is back, merge what was done, and go on there: halligan kit merge.',
    );
  if (isAfter(statement.at, after(now, CLOCK_SKEW, 'UTC')))
    return refuse(
      'offline.future',
      'This was signed at a time that lies ahead.',
      'Compare the clocks of both devices, and sign again.',
    );
  const emergency =
    statement.kind === 'declare' ? undefined : emergencyById(state, statement.subject);
  if (emergency !== undefined && emergency.offline === undefined)
    return refuse(
      'offline.mixed',
      'This emergency was declared with the server; what is signed without it does not count in it.',
      'Declare anew from the kit, or sign again with the server.',
    );
  const at = laterOf(statement.at, emergency?.offline?.until);
  const lapsed = lapsedAt(emergency, at).map((body) => atItsTime(body, at));
  const then = lapsed.reduce(
    (before, body) =>
      evolve(before, { ...body, v: 'halligan/event/v1', id: '', at: now, actor: said.by }),
    state,
  );
  const decision = judge(then, at);
  if ('refusal' in decision) return decision;
  return { events: [...lapsed, ...decision.events.map((body) => atItsTime(body, at))] };
}

/** No clock ticks without the server: a window that has passed is noticed when somebody next says something. */
function lapsedAt(emergency: Emergency | undefined, at: string): readonly EventBody[] {
  const live = emergency === undefined ? undefined : liveOpening(emergency);
  if (emergency === undefined || live === undefined || !isAfter(at, live.expires)) return [];
  return [happened('OpeningExpired', { emergency: emergency.id, request: live.request })];
}

/** What happens to an account happens when the record learns of it; what happens in the emergency has its own time. */
function atItsTime(body: EventBody, said: string): EventBody {
  return streamOf(body).startsWith('emergency:') ? { ...body, said } : body;
}

function laterOf(a: string, b: string | undefined): string {
  return b !== undefined && isAfter(b, a) ? b : a;
}

/** Holders' groups of a path that a server must be there for. */
export function needsServer(version: Version, path: string): boolean {
  return (
    version.header.paths
      .find((one) => one.name === path)
      ?.groups.some((group) => group.name === SERVER_GROUP) === true
  );
}

/** The paths of a seal that people alone open. */
export function pathsOfPeople(version: Version): readonly string[] {
  return version.header.paths
    .map((path) => path.name)
    .filter((name) => !needsServer(version, name));
}

/**
 * Who may say yes without the server besides the approvers: who holds a share of a path that people alone open and is
 * an executive on the roster, since that share is the approval.
 */
export function sharingExecutives(state: State, { account }: Emergency): readonly string[] {
  const one = entryOf(state.accounts, account);
  const version = one?.versions[one.current];
  if (version === undefined) return [];
  const paths = new Set(pathsOfPeople(version));
  const holders = new Set(
    version.header.shares.filter((share) => paths.has(share.path)).map((share) => share.holder),
  );
  return (state.roster?.members ?? [])
    .filter((member) => member.roles.includes('executive') && holders.has(member.id))
    .map((member) => member.id);
}
