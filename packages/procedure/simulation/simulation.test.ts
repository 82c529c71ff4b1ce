import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  EMPTY,
  type EventType,
  emergencyById,
  evolve,
  type HalliganEvent,
  type State,
  withEmergency,
} from '../index.ts';
import { Chronicle } from '../practice/chronicle.fixture.ts';
import { holdsOfEvent, holdsOfState } from '../practice/invariants.fixture.ts';
import type { Organisation } from '../practice/practice-organisation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';
import { simulate } from './campaign.fixture.ts';

/** More of them: `npm run simulate`. */
const EMERGENCIES = Number(process.env.HALLIGAN_SIMULATED_EMERGENCIES ?? 150);

test('whatever hostile people try, every promise is kept, and every emergency comes to its close', async () => {
  const { emergencies, happened } = await simulate({
    emergencies: EMERGENCIES,
    seed: 7,
    workers: 1,
  });
  assert.ok(emergencies >= EMERGENCIES);
  // A simulation that never got anywhere proves nothing.
  const often: readonly EventType[] = [
    'QuorumReached',
    'OpeningExpired',
    'EmergencyAborted',
    'EmergencyClosed',
    'VersionTouched',
    'RosterChanged',
  ];
  for (const type of often) assert.ok((happened.get(type) ?? 0) > 0, `no ${type}`);
});

type Entry = Organisation['history'][number];

/** Tells a record again, as somebody altered it, and holds it to its promises. */
function retold(history: readonly Entry[]): void {
  const told = new Chronicle();
  let state: State = EMPTY;
  for (const { stored, events } of history)
    for (const event of events) {
      holdsOfEvent({ before: state, told, event, because: stored });
      state = evolve(state, event);
      told.add(event);
    }
}

type Alter = (event: HalliganEvent) => readonly HalliganEvent[];

function altered(history: readonly Entry[], alter: Alter): readonly Entry[] {
  return history.map((entry) => ({ ...entry, events: entry.events.flatMap(alter) }));
}

function without(type: EventType): Alter {
  return (event) => (event.type === type ? [] : [event]);
}

function twice(type: EventType): Alter {
  return (event) => (event.type === type ? [event, event] : [event]);
}

test('each promise can be broken, and is then named', async () => {
  const { org } = await at('closed', { policy: { rules: 2 } });
  retold(org.history);
  const byRequester: Alter = (event) =>
    event.type === 'EmergencyApproved'
      ? [{ ...event, data: { ...event.data, by: 'ana' } }]
      : [event];
  const byOther: Alter = (event) =>
    event.type === 'ShareReleased' && event.data.holder === 'ben'
      ? [{ ...event, data: { ...event.data, holder: 'cleo' } }]
      : [event];
  const late: Alter = (event) =>
    event.type === 'OpeningRequested'
      ? [{ ...event, data: { ...event.data, expires: event.at.replace('2026', '2025') } }]
      : [event];
  const broken: readonly (readonly [Alter, RegExp])[] = [
    [without('EmergencyApproved'), /^only a quorum of distinct people reveals: .*approval/],
    [without('PartTaken'), /^only a quorum of distinct people reveals: .*second person/],
    [twice('ShareReleased'), /^nobody counts twice/],
    [byOther, /^a share is its holder’s own/],
    [late, /^a share is its holder’s own, in its window: after/],
    [byRequester, /^who approves may, and takes no part/],
    [without('RecordSigned'), /^closed only when .* signature/],
    [without('RecordSubmitted'), /^closed only when .* record/],
    [without('ReviewCompleted'), /^closed only when .* review/],
    [without('CredentialExercised'), /^closed only when .* exercise/],
    [without('ResetPartAttested'), /^closed only when .* copies/],
    [without('LogReconciled'), /^closed only when .* log/],
    [without('EmergencyVerified'), /^closed only when .* verified/],
    [without('CredentialProven'), /^armed only with what nobody knows/],
    [twice('EmergencyDeclared'), /^one request a person at a time/],
  ];
  for (const [alter, promise] of broken)
    assert.throws(() => retold(altered(org.history, alter)), { message: promise }, String(promise));
});

test('a release that one person gave for another one, or for a drill, is noticed', async () => {
  const { org } = await at('opened', { policy: { rules: 2 } });
  const lying = (fields: object) =>
    org.history.map((entry) =>
      entry.stored.type !== 'statements' || entry.events[0]?.type !== 'ShareReleased'
        ? entry
        : {
            ...entry,
            stored: {
              ...entry.stored,
              signed: entry.stored.signed.map((one) => ({
                ...one,
                statement: { ...one.statement, ...fields },
              })),
            },
          },
    );
  retold(lying({}));
  assert.throws(() => retold(lying({ purpose: 'drill' })), { message: /^what is said in a drill/ });
  assert.throws(() => retold(lying({ by: 'mei' })), { message: /^a share is its holder’s own/ });
});

test('what a state keeps can be broken, too', async () => {
  const { org, id } = await at('requested', { policy: { rules: 2 } });
  const { state, now } = org;
  holdsOfState(state, now);
  const one = emergencyById(state, id);
  const [account] = Object.values(state.accounts);
  assert.ok(one !== undefined && account !== undefined && state.roster !== undefined);
  const current = account.versions[account.current];
  assert.ok(current !== undefined);
  const broken: readonly (readonly [State, RegExp])[] = [
    [
      { ...state, emergencies: withEmergency(state.emergencies, { ...one, id: 'other' }) },
      /^one live opening a version/,
    ],
    [
      { ...state, roster: { ...state.roster, members: [] } },
      /^(whatever is late|an open emergency)/,
    ],
    [
      {
        ...state,
        accounts: {
          [account.document.id]: {
            ...account,
            versions: { ...account.versions, [account.current]: { ...current, touched: true } },
          },
        },
      },
      /^armed only with what nobody knows/,
    ],
  ];
  const tomorrow = new Date(Date.parse(now) + 86_400_000).toISOString();
  for (const [faulty, promise] of broken)
    assert.throws(() => holdsOfState(faulty, tomorrow), { message: promise }, String(promise));
  const { org: over } = await at('closed');
  holdsOfState(over.state, over.now);
  const { emergencies } = over.state;
  const forgetful: readonly State['emergencies'][] = [
    { ...emergencies, owing: {} },
    { ...emergencies, past: EMPTY.emergencies.past },
    { ...emergencies, closed: { items: emergencies.closed.items ?? {} } },
  ];
  for (const register of forgetful)
    assert.throws(() => holdsOfState({ ...over.state, emergencies: register }, over.now), {
      message: /^of what is closed nothing that is owed is overlooked/,
    });
});
