import assert from 'node:assert/strict';
import {
  approversOf,
  counterpartOf,
  dueEffects,
  type EventData,
  type EventType,
  type HalliganEvent,
  isOpen,
  obligations,
  participants,
  type State,
} from '../index.ts';
import type { Organisation } from './practice-organisation.fixture.ts';

/** What holds of every record, whoever wrote it: told from its events, not from the rules that made them. */
export function holdsOnRecord(org: Organisation): void {
  const events = org.history.flatMap((one) => one.events);
  const all = new Tale(events);
  for (const [index, event] of events.entries()) {
    if (event.type === 'QuorumReached') quorumHolds(org.state, all.before(index), event.data);
    if (event.type === 'ShareReleased') {
      const same = all
        .before(index)
        .of('ShareReleased')
        .filter(
          ({ request, holder }) => request === event.data.request && holder === event.data.holder,
        );
      assert.deepEqual(same, [], 'somebody counts twice');
    }
    if (event.type === 'EmergencyApproved') approvalHolds(org.state, event.data);
    if (event.type === 'EmergencyClosed')
      closeHolds(org.state, all.before(index), event.data.emergency);
  }
}

/** What holds of every state. */
export function holdsOfState(state: State, now: string): void {
  const due = obligations(state, now);
  const effects = dueEffects(state);
  for (const emergency of Object.values(state.emergencies).filter(isOpen)) {
    const own = due.filter(({ about }) => about === emergency.id);
    assert.ok(
      own.some(({ owners }) => owners.length > 0) ||
        effects.some((effect) => 'account' in effect && effect.account === emergency.account),
      'an open emergency asks nothing of anybody',
    );
    assert.equal(new Set(own.map(({ id }) => id)).size, own.length, 'an obligation stands twice');
  }
  for (const account of Object.values(state.accounts)) {
    const current = account.versions[account.current];
    if (account.state !== 'armed') continue;
    assert.equal(current?.touched, false, 'an account is armed with a version that somebody knows');
    assert.equal(current.retired, false, 'an account is armed with a retired version');
    assert.equal(account.emergency, undefined);
  }
}

/** Events by type. */
class Tale {
  readonly #events: readonly HalliganEvent[];

  constructor(events: readonly HalliganEvent[]) {
    this.#events = events;
  }

  before(index: number): Tale {
    return new Tale(this.#events.slice(0, index));
  }

  /** What came after the last event of a type in an emergency; everything, where there was none. */
  since(type: EventType, emergency: string): Tale {
    const last = this.#events.findLastIndex(
      (event) =>
        event.type === type && 'emergency' in event.data && event.data.emergency === emergency,
    );
    return new Tale(this.#events.slice(last + 1));
  }

  of<Type extends EventType>(type: Type): readonly EventData[Type][] {
    return this.#events.filter((event) => isOf(event, type)).map(({ data }) => data);
  }
}

function isOf<Type extends EventType>(
  event: HalliganEvent,
  type: Type,
): event is HalliganEvent & { readonly type: Type; readonly data: EventData[Type] } {
  return event.type === type;
}

function quorumHolds(
  state: State,
  tale: Tale,
  reached: { readonly emergency: string; readonly request: string; readonly path: string },
): void {
  const { emergency, request } = reached;
  const opening = tale.of('OpeningRequested').find((one) => one.request === request);
  assert.ok(opening !== undefined && opening.emergency === emergency);
  const header = tale
    .of('CredentialSealed')
    .find((one) => one.account === opening.account && one.version === opening.version)?.header;
  const path = header?.paths.find((one) => one.name === reached.path);
  assert.ok(path !== undefined && path.name === opening.path);
  const releases = tale.of('ShareReleased').filter((one) => one.request === request);
  assert.equal(new Set(releases.map(({ holder }) => holder)).size, releases.length);
  for (const group of path.groups) {
    const holders = releases
      .filter((one) => one.group === group.name && group.holders.includes(one.holder))
      .map(({ holder }) => holder);
    assert.ok(new Set(holders).size >= group.need, `${group.name} is short of holders`);
  }
  if (opening.exercise) {
    const proven = tale.of('CredentialProven').filter((one) => one.account === opening.account);
    assert.ok(proven.some(({ version }) => version === opening.version));
    return;
  }
  // What was decided in a drill counts for nothing once it is real.
  const real = tale.since('DrillConverted', emergency);
  const own = (data: { readonly emergency: string }) => data.emergency === emergency;
  assert.ok(real.of('EmergencyApproved').some(own), 'opened without an approval');
  const parts = real.of('PartTaken').filter(own);
  const second = state.emergencies[emergency]?.second;
  if (second === undefined) {
    assert.equal(opening.path, 'solo', 'alone by another path');
    assert.ok(
      parts.some(({ role }) => role === 'executive'),
      'alone without an executive',
    );
    const [approval] = real.of('EmergencyApproved').filter(own);
    assert.notEqual(approval?.method, 'silence exception', 'silence and solo together');
    return;
  }
  assert.ok(
    parts.some(({ by, role }) => by === second && role === 'second'),
    'opened without the second person',
  );
}

function approvalHolds(
  state: State,
  approved: { readonly emergency: string; readonly by: string; readonly method: string },
): void {
  const emergency = state.emergencies[approved.emergency];
  const policy = state.policies[emergency?.policy ?? ''];
  assert.ok(emergency !== undefined && policy !== undefined);
  if (approved.method === 'silence exception') {
    assert.equal(approved.by, emergency.requester);
    return;
  }
  if (approved.method === 'executive share') {
    assert.ok(!participants(emergency).includes(approved.by), 'approved by one who takes part');
    return;
  }
  assert.ok(!participants(emergency).includes(approved.by), 'approved by one who takes part');
  assert.ok(approversOf(policy, 'tier-0').includes(approved.by), 'approved by nobody who may');
}

function closeHolds(state: State, tale: Tale, id: string): void {
  const own = <Data extends { readonly emergency: string }>(list: readonly Data[]) =>
    list.filter((one) => one.emergency === id);
  const emergency = state.emergencies[id];
  assert.ok(emergency !== undefined);
  const real = own(tale.of('OpeningRequested')).filter((one) => !one.exercise);
  const touched = own(tale.of('ShareReleased')).some((one) =>
    real.some(({ request }) => request === one.request),
  );
  if (!touched) {
    assert.equal(own(tale.of('EmergencyAborted')).length, 1, 'closed under way');
    return;
  }
  const signers = own(tale.of('RecordSigned')).map(({ by }) => by);
  assert.ok(signers.includes(emergency.requester), 'closed without the requester’s signature');
  assert.ok(
    signers.includes(counterpartOf(emergency) ?? ''),
    'closed without the second person’s signature',
  );
  assert.equal(own(tale.of('RecordSubmitted')).length, 1, 'closed before the record was submitted');
  assert.equal(own(tale.of('ReviewCompleted')).length, 1, 'closed before the review');
  const exercised = own(tale.of('CredentialExercised'));
  assert.equal(exercised.length, 1, 'closed before the exercise');
  if (emergency.rules > 1) {
    const revealed = own(tale.of('QuorumReached')).some((one) =>
      real.some(({ request }) => request === one.request),
    );
    const copies = own(tale.of('ResetPartAttested')).filter(({ item }) => item === 'copies');
    assert.equal(copies.length, revealed ? 1 : 0, 'closed, and nobody said what became of copies');
    const compared = own(tale.of('LogReconciled')).at(-1);
    assert.ok(compared !== undefined, 'closed before the log was laid beside the record');
    if (compared.differences.some(({ explanation }) => explanation === undefined))
      assert.notEqual(own(tale.of('ViolationEscalated')).length, 0, 'closed, and nobody was told');
    assert.equal(own(tale.of('EmergencyVerified')).length, 1, 'closed before it was verified');
  }
  const used = real.map(({ version }) => version);
  assert.ok(
    exercised.every(({ version }) => !used.includes(version)),
    'closed with what was used',
  );
}
