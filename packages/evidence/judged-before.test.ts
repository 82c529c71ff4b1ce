import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { canonicalBytes, HalliganError, hex, type Json, parseCanonical } from '@halligan/format';
import { emptyRoot } from '@halligan/tlog';
import { z } from 'zod';
import { contoso } from './contoso.fixture.ts';
import { wholeEmergency } from './emergency.fixture.ts';
import { type DevicePins, JudgedBefore, proveState } from './index.ts';
import { logKeys, type MemoryRecord, ORIGIN } from './memory-record.fixture.ts';
import { genesisOf, pinsAfter } from './proven-state.ts';
import { groupOf } from './transcript.ts';

let record: MemoryRecord;
let pins: DevicePins;
const streams = new Set<string>();

before(async () => {
  record = await contoso();
  for (const stream of record.streams(await wholeEmergency(record))) streams.add(stream);
  pins = {
    organisation: 'contoso',
    origin: ORIGIN,
    logKey: logKeys.verifier,
    genesis: genesisOf(record.entries.map((bytes, index) => groupOf(index, bytes))) ?? '',
    // As a device that never looked: what it remembers of the tree would find each of these servers out before.
    seen: { size: 0, root: hex(emptyRoot()) },
  };
});

const group = z.looseObject({ events: z.array(z.looseObject({ actor: z.string() })) });

/** The entry, its first event by somebody else. */
function byAnother(entry: Uint8Array): Uint8Array {
  const { events, ...rest } = group.parse(parseCanonical(entry, 1 << 16));
  const [first, ...others] = events;
  const json = { ...rest, events: [{ ...first, actor: 'mallory' }, ...others] };
  return canonicalBytes(json as unknown as Json);
}

/** What a device says that judged the whole record before: the same as one that did not. */
async function sameWithout(view: unknown): Promise<string> {
  const judged = new JudgedBefore();
  await proveState(await record.view(), pins, streams, judged);
  const said = (known?: JudgedBefore) =>
    proveState(view, pins, streams, known).then(
      ({ state }) => JSON.stringify(state),
      (error: unknown) =>
        error instanceof HalliganError ? error.message : assert.fail(`${error}`),
    );
  const [knowing, anew] = [await said(judged), await said()];
  assert.equal(knowing, anew);
  const { state } = await proveState(await record.view(), pins, streams, judged);
  assert.deepEqual(state, (await proveState(await record.view(), pins, streams)).state);
  return anew;
}

test('who looks again judges what came since, and comes to the state of who judges all of it', async () => {
  const judged = new JudgedBefore();
  for (let size = record.size - 12; size <= record.size; size += 4) {
    const view = await record.view(0, undefined, size);
    const known = await proveState(view, pins, streams, judged);
    assert.deepEqual(known.state, (await proveState(view, pins, streams)).state);
    const next = await proveState(await record.view(), pins, new Set(streams), new JudgedBefore());
    assert.equal(judged.beginning(next.groups, streams).groups.length, 0, 'other objects: anew');
    assert.equal(judged.beginning(known.groups, streams).groups.length, size);
  }
  const groups = record.entries.map((bytes, index) => judged.group(index, bytes));
  assert.equal(judged.beginning(groups, streams).groups.length, record.size);
  assert.equal(judged.beginning(groups, new Set(['organisation'])).groups.length, 0);
});

test('an entry that was judged before and has other bytes now is judged anew, wherever it stands', async () => {
  for (const altered of [1, record.size >> 1, record.size - 1]) {
    const other = record.rewritten((entry, at) => (at === altered ? byAnother(entry) : entry));
    assert.match(await sameWithout(await other.view()), new RegExp(`^Entry ${altered}: .*actor`));
  }
});

test('where an entry is left out that was judged before, all is judged without it', async () => {
  for (const missing of [1, record.size >> 1, record.size - 1])
    assert.ok(await sameWithout(await record.view(0, (index) => index !== missing)));
});

test('few replays are kept', async () => {
  const judged = new JudgedBefore();
  const view = await record.view(0, undefined, 1);
  const { groups } = await proveState(view, pins, new Set(['organisation']), judged);
  for (let other = 0; other < 4; other += 1)
    await proveState(view, pins, new Set(['organisation', `account:${other}`]), judged);
  assert.equal(judged.beginning(groups, new Set(['organisation'])).groups.length, 0);
});

/** Pins after a proof, as a device remembers them. */
async function looked(judged: JudgedBefore, at: DevicePins, view: unknown): Promise<DevicePins> {
  return pinsAfter(at, await proveState(view, at, streams, judged));
}

test('who looks again is shown what came since, and comes to the same state', async () => {
  const judged = new JudgedBefore();
  let known = pins;
  for (let size = record.size - 12; size <= record.size; size += 4) {
    const from = judged.shown(streams, known.seen).size;
    assert.equal(from, known === pins ? 0 : size - 4);
    const view = await record.view(known.seen.size, (index) => index >= from, size);
    const { state, anchor, groups, log } = await proveState(view, known, streams, judged);
    const whole = await record.view(0, undefined, size);
    assert.deepEqual(state, (await proveState(whole, pins, streams)).state);
    known = pinsAfter(known, { state, anchor, groups, log });
  }
  const nothing = await record.view(record.size, () => false);
  await looked(judged, known, nothing);
  await looked(judged, known, await record.view(record.size));
});

test('what was not shown before is not left out: other streams, another process, a server that begins too early', async () => {
  const judged = new JudgedBefore();
  const size = record.size - 4;
  const known = await looked(judged, pins, await record.view(0, undefined, size));
  const since = (from: number) => record.view(size, (index) => index >= from);
  const code = (expected: string) => ({ code: expected });
  const late = await since(size);
  await assert.rejects(proveState(late, known, streams), code('evidence.genesis'));
  const others = new Set(['organisation']);
  await assert.rejects(proveState(late, known, others, judged), code('evidence.genesis'));
  await assert.rejects(
    proveState(await since(size - 2), known, streams, judged),
    code('evidence.entry'),
  );
  // Another process looked meanwhile, and remembered what it saw: perhaps at another tree.
  const elsewhere = pinsAfter(pins, await proveState(await record.view(), pins, streams));
  assert.deepEqual(judged.shown(streams, elsewhere.seen), { size: 0, groups: [] });
  await looked(judged, known, late);
});

test('a log that went another way is found out, however little of it is shown', async () => {
  const judged = new JudgedBefore();
  const size = record.size - 4;
  const known = await looked(judged, pins, await record.view(0, undefined, size));
  const other = record.rewritten((entry, at) => (at === 1 ? byAnother(entry) : entry));
  const view = await other.view(size, (index) => index >= size);
  await assert.rejects(proveState(view, known, streams, judged), { code: 'tlog.consistency' });
});
