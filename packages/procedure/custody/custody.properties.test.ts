/** Whatever two people sign about envelopes, in whatever order: none is lost, none is in two places, none comes back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalText } from '@halligan/format';
import fc from 'fast-check';
import {
  decide,
  EMPTY,
  type Envelope,
  envelopesOf,
  evolve,
  type HalliganEvent,
  type StoredInput,
  verifyInput,
} from '../index.ts';
import {
  arrival,
  BANK,
  destruction,
  INTACT,
  inspection,
  move,
  placeOf,
  registration,
  SAFE,
  signedBy,
  unsealing,
} from '../practice/practice-custody.fixture.ts';
import { declare, said } from '../practice/practice-emergency.fixture.ts';
import {
  ACCOUNT,
  type Organisation,
  plain,
  SPARE,
  stamped,
} from '../practice/practice-organisation.fixture.ts';
import { rotate } from '../practice/practice-rotation.fixture.ts';
import { at } from '../practice/practice-stages.fixture.ts';

const numRuns = Number(process.env.HALLIGAN_PROPERTY_RUNS ?? 60);

const PEOPLE = ['ana', 'ben', 'cleo', 'dirk', 'raj', 'dana'] as const;
const step = fc.record({
  act: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom('move', 'inspect', 'destroy') },
    { weight: 8, arbitrary: fc.constantFrom('register', 'arrive', 'open') },
    { weight: 3, arbitrary: fc.constantFrom('tamper', 'place', 'replay') },
    { weight: 1, arbitrary: fc.constantFrom('keep', 'rotate', 'end') },
  ),
  people: fc.oneof(
    { weight: 4, arbitrary: fc.constant(['ana', 'ben'] as const) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...PEOPLE), fc.constantFrom(...PEOPLE)) },
  ),
  serial: fc.constantFrom('001', '001', '001', '001', '001', '002', '003', 'no-serial'),
  account: fc.constantFrom(ACCOUNT, ACCOUNT, ACCOUNT, ACCOUNT, ACCOUNT, SPARE),
  place: fc.constantFrom(SAFE, BANK, SAFE, BANK, 'drawer'),
  // Mostly the truth: what lies about everything gets nowhere.
  lie: fc.constantFrom('', '', '', '', '', '', '', 'place', 'time', 'version'),
  minutes: fc.integer({ min: 0, max: 200 }),
});
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

async function begin(): Promise<{ readonly org: Organisation; readonly id: string }> {
  const { org } = await at('armed');
  for (const place of [SAFE, BANK]) await org.done(await signedBy(org, placeOf(org, place)));
  await org.done(await signedBy(org, registration(org)));
  const id = await declare(org.wait(1));
  await org.done(said(await org.sign('dana', 'approve', id, { method: 'app' })));
  for (const [by, role] of [
    ['ben', 'second'],
    ['wanda', 'witness'],
  ] as const)
    await org.done(said(await org.sign(by, 'take-part', id, { role, together: 'video' })));
  return { org, id };
}

async function take(org: Organisation, id: string, one: Step): Promise<void> {
  const { act, serial, account, lie } = one;
  const [by, other] = one.people;
  org.wait(one.minutes);
  const kept = org.state.accounts[account];
  const envelope = Object.hasOwn(kept?.envelopes ?? {}, serial)
    ? kept?.envelopes[serial]
    : undefined;
  const place = lie === 'place' || envelope === undefined ? one.place : envelope.place;
  const time = lie === 'time' ? '2026-03-01T00:00:00Z' : org.now;
  const both = [by, other].map((who) => ({ by: who, at: time }));
  const version = lie === 'version' ? 7 : (envelope?.version ?? kept?.current ?? 1);
  const facts = { serial, account };
  const torn = { checks: { ...INTACT, noHoles: false }, photos: ['0'.repeat(64)] };
  const times = { inspected: time, returned: time };
  const subject = { subject: id };
  const joint = (document: object, fields: object = {}) =>
    signedBy(org, { ...document }, [by, other], { ...fields });
  const inputs: Readonly<Record<Step['act'], () => Promise<StoredInput | undefined>>> = {
    register: () =>
      joint(
        registration(org, {
          ...facts,
          version: kept?.current ?? 1,
          seal: kept?.versions[kept.current]?.digest,
          place: one.place,
          signed: both,
        }),
      ),
    move: () =>
      joint(move(org, { ...facts, from: place, to: one.place, taken: time, placed: time })),
    inspect: () => joint(inspection(org, { ...facts, ...times, place })),
    tamper: () =>
      joint(
        inspection(org, { ...facts, ...times, ...torn, place }),
        one.minutes % 2 === 0 ? subject : {},
      ),
    arrive: () => joint(arrival(org, { ...facts, place, arrived: both }), subject),
    open: () =>
      joint(
        unsealing(org, {
          ...facts,
          place,
          version,
          access: { method: 'key', by: [by] },
          signed: both,
          opened: time,
        }),
        subject,
      ),
    destroy: () => joint(destruction(org, { ...facts, destroyed: time })),
    place: () => joint(placeOf(org, one.place, { retired: one.minutes % 7 === 0 || undefined })),
    keep: () =>
      joint({
        v: 'halligan/custody/v1',
        do: 'keep',
        account,
        in: one.minutes % 2 === 0 ? 'vault' : 'envelope',
      }),
    rotate: async () => undefined,
    end: async () => said(await org.sign('ana', 'end', id, { loggedOut: org.now })),
    replay: async () => org.history[one.minutes % org.history.length]?.stored,
  };
  const input = await inputs[act]();
  if (input !== undefined) await org.submit(input);
  else await rotate(org, account).catch(() => undefined);
}

/** What holds at every moment, and from one moment to the next. */
function holds(org: Organisation, before: ReadonlyMap<string, Envelope>): Map<string, Envelope> {
  const kept = envelopesOf(org.state);
  const now = new Map(kept.map(({ envelope }) => [envelope.serial, envelope]));
  assert.equal(now.size, kept.length, 'a serial names one envelope');
  for (const [serial, was] of before) {
    const is = now.get(serial);
    assert.ok(is !== undefined, `${serial} is lost`);
    assert.ok(Date.parse(is.handled) >= Date.parse(was.handled) - 300_000, `${serial} goes back`);
    if (was.state !== 'sealed' && was.state !== is.state)
      assert.equal(is.state, 'destroyed', `${serial} is ${is.state} after ${was.state}`);
  }
  for (const { serial, place, state } of now.values()) {
    const there = org.state.places[place];
    assert.ok(there !== undefined, `${serial} is nowhere`);
    assert.ok(state === 'destroyed' || there.document.retired !== true, `${serial} in no use`);
  }
  return now;
}

test('no envelope is lost, doubled, or sealed again, whatever two people sign', async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const { org, id } = await begin();
      let before = holds(org, new Map());
      for (const one of steps) {
        await take(org, id, one);
        before = holds(org, before);
      }
      chainsHold(org);
      await replays(org);
      for (const { type } of org.history.flatMap(({ events }) => events))
        seen.set(type, (seen.get(type) ?? 0) + 1);
    }),
    { numRuns },
  );
  for (const type of [
    'EnvelopeRegistered',
    'EnvelopeMoved',
    'EnvelopeInspected',
    'EnvelopeTampered',
    'EnvelopeUnsealed',
    'EnvelopeDestroyed',
  ])
    assert.ok((seen.get(type) ?? 0) > 0, `no ${type} in ${numRuns} runs`);
});

/** Each movement begins where the one before it ended, and two different people signed for each. */
function chainsHold(org: Organisation): void {
  const where = new Map<string, string>();
  for (const event of org.history.flatMap(({ events }) => events)) {
    if ('by' in event.data && Array.isArray(event.data.by) && event.type.startsWith('Envelope'))
      assert.equal(new Set(event.data.by).size, 2, event.type);
    if (event.type === 'EnvelopeRegistered') where.set(event.data.serial, event.data.place);
    if (event.type === 'EnvelopeMoved') {
      assert.equal(where.get(event.data.serial), event.data.from);
      where.set(event.data.serial, event.data.to);
    }
  }
}

/** From the journal's own bytes, anybody comes to the same. */
async function replays(org: Organisation): Promise<void> {
  let state = EMPTY;
  for (const { stored, at: now, events } of org.history) {
    const kept: StoredInput = JSON.parse(canonicalText(plain(stored)));
    const decision = decide(state, await verifyInput(state, kept), now);
    assert.ok('events' in decision);
    assert.deepEqual(plain(stamped(decision.events, now)), plain(events));
    const read: readonly HalliganEvent[] = JSON.parse(canonicalText(plain(events)));
    state = read.reduce(evolve, state);
  }
  assert.deepEqual(state, org.state);
}
