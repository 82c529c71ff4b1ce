/** What a device saw, and the server has no more: refused, unless two admins signed that it is lost; then people decide. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { digestOf, HalliganError, type Json } from '@halligan/format';
import { subjectOf } from '@halligan/statement';
import { formatCheckpoint, generateNoteKey, leafHash, MemoryTree, signNote } from '@halligan/tlog';
import { contoso } from './contoso.fixture.ts';
import { wholeEmergency } from './emergency.fixture.ts';
import { type DevicePins, pinsAfter, proveState, type View } from './index.ts';
import { logKeys, type MemoryRecord, ORIGIN, said } from './memory-record.fixture.ts';
import { genesisOf } from './proven-state.ts';
import { groupOf, transcriptOf } from './transcript.ts';

const NEW_ORIGIN = `${ORIGIN}/2`;
const next = await generateNoteKey(NEW_ORIGIN);
const organisation = new Set(['organisation']);
const everything = (): boolean => true;

/** Restored from a backup, while `known` saw an emergency more. */
let restored: MemoryRecord;
let known: DevicePins;
/** As long as what `known` saw, and another from the backup on. */
let other: MemoryRecord;
/** What a device saw in the middle of what is lost. */
let middle: DevicePins['seen'];

before(async () => {
  const record = await contoso();
  const genesis = genesisOf(record.entries.map((bytes, index) => groupOf(index, bytes))) ?? '';
  restored = record.fork();
  await wholeEmergency(record);
  const saw = record.place();
  known = { organisation: 'contoso', origin: ORIGIN, logKey: logKeys.verifier, genesis, seen: saw };
  const size = restored.size + 3;
  other = record.rewritten((entry, index) => (index === restored.size ? entry.slice(1) : entry));
  middle = {
    size,
    root: new MemoryTree(record.entries.slice(0, size).map(leafHash)).root().toHex(),
  };
});

function documentOf(record: MemoryRecord, changed: { readonly lost?: DevicePins['seen'] }): Json {
  return {
    v: 'halligan/log-key/v1',
    previous: { origin: ORIGIN, logKey: logKeys.verifier },
    last: record.place(),
    next: { origin: NEW_ORIGIN, logKey: next.verifier },
    ...(changed.lost === undefined ? {} : { lost: { ...changed.lost } }),
  };
}

async function replaced(
  record: MemoryRecord,
  document: Json,
  signers: readonly string[] = ['dana', 'raj'],
) {
  const fields = { what: 'log-key', digest: digestOf(document) };
  const subject = subjectOf('log-key', 'contoso');
  const signed = await Promise.all(
    signers.map((by) => record.sign('attest', by, subject, fields, { purpose: 'real' })),
  );
  await record.submit(said(signed, document));
  return record;
}

/** What a server with the new key shows, to a device that asks from a size on that the server may not have. */
async function shownBy(record: MemoryRecord, since: number): Promise<View> {
  const view = await record.view(Math.min(since, record.size), everything);
  const { size } = record;
  const root = new MemoryTree(record.entries.map(leafHash)).root();
  const checkpoint = await signNote(formatCheckpoint({ origin: NEW_ORIGIN, size, root }), [
    next.signer,
  ]);
  return { ...view, transcript: { ...transcriptOf(view.transcript), checkpoint } };
}

const refusal = async (view: unknown, pins: DevicePins) => {
  try {
    await proveState(view, pins, organisation);
  } catch (error) {
    assert.ok(error instanceof HalliganError);
    return error;
  }
  throw new assert.AssertionError({ message: 'it was believed' });
};

test('a server that was put back, or went on from there, is not believed; the way out is named', async () => {
  const back = await refusal(await restored.view(0, everything), known);
  assert.equal(back.code, 'tlog.consistency');
  assert.match(back.message, /shows a log of \d+ entries; this device saw \d+\./);
  // It went on from the backup, and has as much again: another entry where the first was lost.
  const forked = await refusal(await other.view(known.seen.size, everything), known);
  assert.equal(forked.code, 'tlog.consistency');
  assert.match(forked.message, /another history than the \d+ entries that this device saw/);
  for (const { hint } of [back, forked]) {
    assert.match(hint, /Sign nothing and release nothing/);
    assert.match(hint, /kit.*docs\/guides\/back-up\.md/);
  }
});

test('two admins sign what was lost: a device that saw it is told who, and goes on only from its genesis', async () => {
  const record = await replaced(restored.fork(), documentOf(restored, { lost: known.seen }));
  for (const seen of [known.seen, middle]) {
    const told = await refusal(await shownBy(record, seen.size), { ...known, seen });
    assert.equal(told.code, 'evidence.entries-lost');
    assert.match(told.message, /^dana and raj signed that the log’s end, up to entry \d+, is lost/);
    assert.ok(told.message.includes(`This device saw ${seen.size} entries`));
    assert.match(told.hint, /halligan journal accept-loss/);
  }
  // As accept-loss does.
  const anew = { ...known, seen: { size: 0, root: new MemoryTree().root().toHex() } };
  const pins = pinsAfter(anew, await proveState(await shownBy(record, 0), anew, organisation));
  assert.deepEqual(pins.seen, record.place());
  assert.equal(pins.log?.origin, NEW_ORIGIN);
  // Who saw no more than there is follows by itself.
  const less = { ...known, seen: restored.place() };
  const view = await shownBy(record, less.seen.size);
  assert.equal((await proveState(view, less, organisation)).anchor.size, record.size);
});

test('more than was said to be lost, other than that, or of a later log, is not explained by it', async () => {
  const record = await replaced(restored.fork(), documentOf(restored, { lost: middle }));
  const later = { origin: NEW_ORIGIN, logKey: next.verifier };
  for (const pins of [
    known,
    { ...known, seen: { ...middle, root: 'ab'.repeat(32) } },
    { ...known, seen: middle, log: later },
  ])
    assert.equal(
      (await refusal(await shownBy(record, pins.seen.size), pins)).code,
      'tlog.consistency',
    );
});

test('what is hidden, or forged, excuses nothing', async () => {
  // A replacement that says nothing of a loss.
  const silent = await replaced(restored.fork(), documentOf(restored, {}));
  const hidden = await refusal(await shownBy(silent, known.seen.size), known);
  assert.equal(hidden.code, 'tlog.consistency');
  const record = restored.fork();
  const document = documentOf(record, { lost: known.seen });
  await assert.rejects(replaced(record, document, ['dana']), { code: 'log-key.two-admins' });
  const none = documentOf(record, { lost: record.place() });
  await assert.rejects(replaced(record, none), { code: 'log-key.lost' });
  // Whoever has the keys writes what the rules would not take: it does not replay.
  const signed = await replaced(record, document);
  const forged = signed.rewritten((entry, index) =>
    index === signed.size - 1
      ? new TextEncoder().encode(new TextDecoder().decode(entry).replace('"raj"', '"ana"'))
      : entry,
  );
  const refused = await refusal(await shownBy(forged, known.seen.size), known);
  assert.notEqual(refused.code, 'evidence.entries-lost');
});
