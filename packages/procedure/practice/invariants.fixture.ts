import assert from 'node:assert/strict';
import { timeOf } from '../events.ts';
import {
  allEmergencies,
  approversOf,
  counterpartOf,
  dueEffects,
  type Emergency,
  type EventData,
  type EventType,
  emergencyById,
  type HalliganEvent,
  isOpen,
  liveOpening,
  type Obligation,
  obligations,
  participants,
  type State,
  type StoredInput,
} from '../index.ts';
import { isPerson } from '../quorum.ts';
import { type Chronicle, isOf } from './chronicle.fixture.ts';
import { holdsOfTheClosed } from './closed.fixture.ts';

/** What holds whoever says what in whatever order. Told from what happened, not from the rules that made it happen. */

/** One event as it happens: upon what, after what, because of what. */
export interface Moment {
  readonly before: State;
  readonly told: Chronicle;
  readonly event: HalliganEvent;
  readonly because: StoredInput;
}

/** What every event of a type keeps. */
function every<Type extends EventType>(
  type: Type,
  name: PromiseName,
  keeps: (moment: Moment, data: EventData[Type]) => void,
): (moment: Moment) => void {
  return (moment) => {
    const { event } = moment;
    if (isOf(event, type)) named(name, () => keeps(moment, event.data));
  };
}

const KEPT_BY_EVENTS: readonly ((moment: Moment) => void)[] = [
  every('QuorumReached', 'only a quorum of distinct people reveals', quorumHolds),
  every('ShareReleased', 'nobody counts twice', countsOnce),
  every('ShareReleased', 'a share is its holder’s own, in its window', shareIsOwn),
  every('EmergencyApproved', 'who approves may, and takes no part', approvalHolds),
  every('EnvelopeOpened', 'an envelope is opened by two who came to it', envelopeHolds),
  every('ApprovalCodeSpent', 'a code counts once', codeCountsOnce),
  every('OpeningRequested', 'what was touched stays shut while something armed remains', staysShut),
  every('EmergencyDeclared', 'one request a person at a time', oneAtATime),
  every('EmergencyClosed', 'closed only when all that was revealed is good again', closeHolds),
  every('AccountArmed', 'armed only with what nobody knows', armedHolds),
  spokenForThis,
];

/** Holds every promise about one event. */
export function holdsOfEvent(moment: Moment): void {
  for (const keeps of KEPT_BY_EVENTS) keeps(moment);
}

/** Everything that a simulation holds the procedure to. */
export const PROMISES = [
  'only a quorum of distinct people reveals',
  'nobody counts twice',
  'a share is its holder’s own, in its window',
  'who approves may, and takes no part',
  'an envelope is opened by two who came to it',
  'a code counts once',
  'what was touched stays shut while something armed remains',
  'one request a person at a time',
  'closed only when all that was revealed is good again',
  'armed only with what nobody knows',
  'what is said in a drill counts in that drill only',
  'whatever is late is owed by somebody who can do it',
  'an open emergency asks something of somebody',
  'one live opening a version',
  'of what is closed nothing that is owed is overlooked',
  'no state is a dead end',
  'the same input gives the same events',
  'a refusal says which rule, why, and what next',
  'no attack of the list works',
  'what was journaled makes the same state again',
  'a state is plain JSON',
] as const;

export type PromiseName = (typeof PROMISES)[number];

const held = new Map<PromiseName, number>();

/** How often each promise was put to the test since this program began. */
export function timesHeld(): ReadonlyMap<PromiseName, number> {
  return held;
}

/** Says which promise was broken. @param times how often it is put to the test; 0 where there was nothing to hold */
export function named<Result>(name: PromiseName, check: () => Result, times = 1): Result {
  held.set(name, (held.get(name) ?? 0) + times);
  try {
    return check();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new assert.AssertionError({ message: `${name}: ${why}` });
  }
}

let last:
  | { readonly state: State; readonly now: string; readonly due: readonly Obligation[] }
  | undefined;

/** What is due; worked out once where it is asked for again of the same state at the same time. */
export function dueNow(state: State, now: string): readonly Obligation[] {
  if (last?.state === state && last.now === now) return last.due;
  const due = obligations(state, now);
  last = { state, now, due };
  return due;
}

/** What every state keeps. */
export function holdsOfState(state: State, now: string): void {
  const due = dueNow(state, now);
  const effects = dueEffects(state);
  const roster = new Set(state.roster?.members.map(({ id }) => id));
  const late = due.filter((one) => one.late).length;
  named(
    'whatever is late is owed by somebody who can do it',
    () => {
      for (const one of due)
        assert.ok(
          !one.late || one.owners.some((each) => roster.has(each)),
          `${one.id} is nobody’s`,
        );
      assert.equal(new Set(due.map(({ id }) => id)).size, due.length, 'an obligation stands twice');
    },
    late,
  );
  const open = allEmergencies(state).filter(isOpen);
  named(
    'an open emergency asks something of somebody',
    () => {
      for (const emergency of open)
        assert.ok(
          due.some(({ about, owners }) => about === emergency.id && owners.length > 0) ||
            effects.some((effect) => 'account' in effect && effect.account === emergency.account),
          emergency.id,
        );
    },
    open.length,
  );
  const live = open.flatMap((one) => liveOpening(one) ?? []);
  named(
    'one live opening a version',
    () => {
      // An exercise goes to a program: people in need do not wait for it.
      const versions = live.map(
        ({ account, version, exercise }) => `${account} ${version} ${exercise}`,
      );
      assert.equal(new Set(versions).size, versions.length, versions.join());
    },
    live.length,
  );
  named(
    'of what is closed nothing that is owed is overlooked',
    () => holdsOfTheClosed(state, now, due),
    allEmergencies(state).length - open.length,
  );
  const armed = Object.values(state.accounts).filter((account) => account.state === 'armed');
  named(
    'armed only with what nobody knows',
    () => {
      for (const account of armed) {
        const current = account.versions[account.current];
        assert.equal(current?.touched, false, 'with a version that somebody knows');
        assert.equal(current.retired, false, 'with a retired version');
        assert.equal(account.emergency, undefined, 'though an emergency took it');
      }
    },
    armed.length,
  );
}

const FOR_EXERCISES: ReadonlySet<string> = new Set(['share.release', 'open.request', 'attest']);

/** A drill’s statements never count for a real emergency, nor the reverse; an exercise’s for an exercise only. */
function spokenForThis({ before, event, because }: Moment): void {
  if (because.type !== 'statements' || !('emergency' in event.data)) return;
  const id: string | undefined = event.data.emergency;
  const emergency: Emergency | undefined = emergencyById(before, id ?? '');
  if (emergency === undefined) return;
  const asked = isOf(event, 'ShareReleased')
    ? emergency.openings.find(({ request }) => request === event.data.request)
    : undefined;
  named('what is said in a drill counts in that drill only', () => {
    for (const { statement } of because.signed.filter((one) => one.statement.subject === id)) {
      const { kind, purpose } = statement;
      const expected: string = emergency.drill && kind !== 'convert' ? 'drill' : 'real';
      assert.ok(
        purpose === expected || (purpose === 'exercise' && FOR_EXERCISES.has(kind)),
        `${kind} for ${purpose}`,
      );
      if (asked !== undefined) assert.equal(purpose === 'exercise', asked.exercise);
    }
  });
}

function quorumHolds({ before, told }: Moment, reached: EventData['QuorumReached']): void {
  const { emergency: id, request } = reached;
  const emergency = emergencyById(before, id);
  const opening = told.of('OpeningRequested').find((one) => one.request === request);
  assert.ok(emergency !== undefined && opening?.emergency === id, 'nobody asked');
  const header = told
    .of('CredentialSealed')
    .find((one) => one.account === opening.account && one.version === opening.version)?.header;
  const path = header?.paths.find((one) => one.name === reached.path);
  assert.ok(header !== undefined && path?.name === opening.path, 'by another path');
  const releases = told.of('ShareReleased').filter((one) => one.request === request);
  const distinct = new Set(releases.map(({ holder }) => holder));
  assert.equal(distinct.size, releases.length, 'somebody counts twice');
  for (const group of path.groups) {
    const holders = releases
      .filter((one) => one.group === group.name && group.holders.includes(one.holder))
      .map(({ holder }) => holder);
    assert.ok(group.need > 0, `${group.name} needs nobody`);
    assert.ok(new Set(holders).size >= group.need, `${group.name} is short of holders`);
  }
  const people = [...distinct].filter((one) => isPerson(before.roster, one));
  assert.ok(people.length > 0, 'by programs alone');
  assert.ok(
    people.length > 1 || before.policies[header.policy]?.allow_one_person === true,
    'by one person',
  );
  if (opening.exercise) {
    const proven = told.of('CredentialProven').filter((one) => one.account === opening.account);
    assert.ok(
      proven.some(({ version }) => version === opening.version),
      'what is exercised was not proven',
    );
    return;
  }
  companyHolds(before, told, id, opening.path);
}

/** Approved for real, and not alone: nothing that was decided in a drill counts once it is real. */
function companyHolds(before: State, told: Chronicle, id: string, path: string | undefined): void {
  const emergency = emergencyById(before, id);
  const policy = before.policies[emergency?.policy ?? ''];
  assert.ok(emergency !== undefined && policy !== undefined);
  const real = told.since('DrillConverted', id);
  const own = (data: { readonly emergency: string }) => data.emergency === id;
  const approval = real.of('EmergencyApproved').find(own);
  assert.ok(approval !== undefined, 'opened without an approval');
  const parts = real.of('PartTaken').filter(own);
  if (policy.witness === 'required')
    assert.ok(
      parts.some(({ by }) => by === emergency.witness && isPerson(before.roster, by)),
      'opened unwatched',
    );
  const { second } = emergency;
  if (second === undefined) {
    assert.equal(path, 'solo', 'alone by another path');
    assert.ok(
      parts.some(({ role, by }) => role === 'executive' && by !== emergency.requester),
      'alone without an executive',
    );
    assert.notEqual(approval.method, 'silence exception', 'silence and solo together');
    return;
  }
  assert.notEqual(second, emergency.requester, 'the second person is the first');
  assert.ok(
    parts.some(({ by, role }) => by === second && role === 'second'),
    'opened without the second person',
  );
}

function countsOnce({ told }: Moment, data: EventData['ShareReleased']): void {
  const same = told
    .of('ShareReleased')
    .filter(
      (one) =>
        (one.request === data.request && one.holder === data.holder) ||
        one.statement === data.statement,
    );
  assert.deepEqual(same, [], 'somebody counts twice');
}

function shareIsOwn(
  { before, told, event, because }: Moment,
  data: EventData['ShareReleased'],
): void {
  const opening = told.of('OpeningRequested').find(({ request }) => request === data.request);
  assert.equal(opening?.emergency, data.emergency, 'for the opening of another emergency');
  const header = before.accounts[opening.account]?.versions[opening.version]?.header;
  const share = header?.shares.find(
    (one) => one.path === opening.path && one.group === data.group && one.holder === data.holder,
  );
  assert.ok(share !== undefined, 'nobody’s share');
  assert.ok(Date.parse(timeOf(event)) <= Date.parse(opening.expires), 'after the window');
  const [signed] = because.type === 'statements' ? because.signed : [];
  assert.ok(signed?.statement.kind === 'share.release' && signed.statement.by === data.holder);
  assert.equal(signed.statement.commitment, share.commitment, 'another share');
  const emergency = emergencyById(before, data.emergency);
  if (!opening.exercise && emergency?.witness === data.holder)
    assert.equal(emergency.second, data.holder, 'a witness released');
}

function approvalHolds(
  { before, told, because }: Moment,
  approved: EventData['EmergencyApproved'],
): void {
  const emergency = emergencyById(before, approved.emergency);
  const policy = before.policies[emergency?.policy ?? ''];
  assert.ok(emergency !== undefined && policy !== undefined);
  const own = (data: { readonly emergency: string }) => data.emergency === approved.emergency;
  const { by, method } = approved;
  if (method === 'silence exception') {
    assert.equal(by, emergency.requester);
    assert.notEqual(emergency.second, undefined, 'silence and solo together');
    const refused = told.since('DrillConverted', emergency.id).of('EmergencyRefused').filter(own);
    assert.deepEqual(refused, [], 'a refusal is no silence');
    const signers =
      because.type === 'statements' ? because.signed.map((one) => one.statement.by) : [];
    assert.deepEqual(signers, [emergency.requester, emergency.second], 'not both signed');
    return;
  }
  assert.ok(!participants(emergency).includes(by), 'approved by one who takes part');
  assert.ok(isPerson(before.roster, by), 'approved by nobody who is there');
  if (method === 'executive share') return;
  const tier = before.accounts[emergency.account]?.document.quorum ?? '';
  const listed = approversOf(policy, tier).filter(
    (one) => isPerson(before.roster, one) && !participants(emergency).includes(one),
  );
  assert.ok(
    listed.includes(by) || (listed.length === 0 && approved.by !== emergency.requester),
    'approved by one who is not listed',
  );
}

function envelopeHolds(
  { before, told, because }: Moment,
  opened: EventData['EnvelopeOpened'],
): void {
  const id = opened.emergency;
  const emergency = emergencyById(before, id);
  const signers =
    because.type === 'statements' ? because.signed.map((one) => one.statement.by) : [];
  assert.equal(new Set(signers).size, 2, 'not by two');
  assert.ok(emergency !== undefined && signers.includes(emergency.requester));
  assert.ok(signers.includes(counterpartOf(emergency) ?? ''), 'without the second person');
  companyHolds(before, told, id, emergency.second === undefined ? 'solo' : undefined);
  assert.ok(
    told.of('EnvelopeReached').some((one) => one.emergency === id && one.serial === opened.serial),
    'nobody had come to it',
  );
  const before_ = told.of('EnvelopeUnsealed').filter(({ serial }) => serial === opened.serial);
  assert.deepEqual(before_, [], 'opened twice');
}

function codeCountsOnce({ told }: Moment, { commitment }: EventData['ApprovalCodeSpent']): void {
  assert.ok(told.of('ApprovalCodeSpent').every((one) => one.commitment !== commitment));
}

function staysShut({ before, told }: Moment, asked: EventData['OpeningRequested']): void {
  const { account: id, version, emergency } = asked;
  const others = told
    .of('VersionTouched')
    .filter((one) => one.account === id && one.version === version);
  if (asked.exercise) {
    assert.deepEqual(others, [], 'what is exercised is known');
    return;
  }
  if (others.every((one) => one.emergency === emergency)) return;
  const system = before.accounts[id]?.document.system;
  const armed = Object.values(before.accounts).filter(
    (one) => one.document.system === system && one.state === 'armed',
  );
  assert.deepEqual(
    armed.map(({ document }) => document.id),
    [],
  );
}

function oneAtATime({ before, event }: Moment, declared: EventData['EmergencyDeclared']): void {
  const offline = event.said !== undefined;
  const pending = allEmergencies(before).filter(
    (one) =>
      one.requester === declared.requester &&
      (one.offline !== undefined) === offline &&
      one.ended === undefined &&
      one.aborted === undefined &&
      one.closed === undefined,
  );
  if (offline) return;
  assert.deepEqual(
    pending.map(({ id }) => id),
    [],
  );
}

function armedHolds({ before }: Moment, { account: id, version }: EventData['AccountArmed']): void {
  const account = before.accounts[id];
  assert.equal(account?.current, version);
  assert.equal(account.versions[version]?.touched, false, 'with a version that somebody knows');
  assert.notEqual(account.versions[version]?.proven, undefined, 'with what was never proven');
}

function closeHolds(
  { before, told }: Moment,
  { emergency: id }: EventData['EmergencyClosed'],
): void {
  const own = <Data extends { readonly emergency: string }>(list: readonly Data[]) =>
    list.filter((one) => one.emergency === id);
  const emergency = emergencyById(before, id);
  assert.ok(emergency !== undefined);
  const asked = own(told.of('OpeningRequested')).filter((one) => !one.exercise);
  const unsealed = own(told.of('EnvelopeOpened'));
  const isAsked = ({ request }: { readonly request: string }) =>
    asked.some((one) => one.request === request);
  const touched = own(told.of('ShareReleased')).some(isAsked) || unsealed.length > 0;
  if (!touched) {
    const over = [...own(told.of('EmergencyAborted')), ...own(told.of('EmergencyEnded'))];
    assert.equal(over.length, 1, 'closed under way');
    return;
  }
  const signers = own(told.of('RecordSigned')).map(({ by, inPlaceOf }) => inPlaceOf ?? by);
  assert.ok(signers.includes(emergency.requester), 'without the requester’s signature');
  const counterpart = counterpartOf(emergency);
  if (counterpart !== undefined)
    assert.ok(signers.includes(counterpart), 'without the second person’s signature');
  assert.equal(own(told.of('RecordSubmitted')).length, 1, 'before the record was submitted');
  assert.equal(own(told.of('ReviewCompleted')).length, 1, 'before the review');
  const exercised = own(told.of('CredentialExercised'));
  assert.equal(exercised.length, 1, 'before the exercise');
  const used = [
    ...asked.filter(({ request }) =>
      own(told.of('ShareReleased')).some((one) => one.request === request),
    ),
    ...unsealed,
  ];
  assert.ok(
    exercised.every(({ version }) => used.every((one) => version > one.version)),
    'with what was used',
  );
  if (emergency.rules === 1) return;
  const revealed =
    own(told.of('QuorumReached')).some(isAsked) || (emergency.rules > 2 && unsealed.length > 0);
  const copies = own(told.of('ResetPartAttested')).filter(({ item }) => item === 'copies');
  assert.equal(copies.length, revealed ? 1 : 0, 'and nobody said what became of copies');
  const compared = own(told.of('LogReconciled')).at(-1);
  assert.ok(compared !== undefined, 'before the log was laid beside the record');
  if (compared.differences.some(({ explanation }) => explanation === undefined))
    assert.notEqual(own(told.of('ViolationEscalated')).length, 0, 'and nobody was told');
  assert.equal(own(told.of('EmergencyVerified')).length, 1, 'before it was verified');
}
