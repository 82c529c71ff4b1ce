import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { digestOf, type Json } from '@halligan/format';
import { subjectOf } from '@halligan/statement';
import { formatCheckpoint, generateNoteKey, leafHash, MemoryTree, signNote } from '@halligan/tlog';
import { contoso } from './contoso.fixture.ts';
import { wholeEmergency } from './emergency.fixture.ts';
import { type DevicePins, packEvidence, pinsAfter, proveState, verifyPack } from './index.ts';
import { logKeys, type MemoryRecord, ORIGIN, PRINTER, said } from './memory-record.fixture.ts';
import { genesisOf } from './proven-state.ts';
import { groupOf, transcriptOf } from './transcript.ts';

const NEW_ORIGIN = `${ORIGIN}/2`;
const next = await generateNoteKey(NEW_ORIGIN);
const nextPq = await generateNoteKey(NEW_ORIGIN, 'ml-dsa-44');
const nextKey = `${next.verifier}\n${nextPq.verifier}`;
const organisation = new Set(['organisation']);

let record: MemoryRecord;
let emergency: string;
/** Entries when the key was replaced, its own entry included. */
let handedOver: number;
let known: DevicePins;

function documentOf(over: MemoryRecord): Json {
  return {
    v: 'halligan/log-key/v1',
    previous: { origin: ORIGIN, logKey: logKeys.verifier },
    last: over.place(),
    next: { origin: NEW_ORIGIN, logKey: nextKey },
  };
}

async function replacement(over: MemoryRecord, document: Json, signers: readonly string[]) {
  const fields = { what: 'log-key', digest: digestOf(document) };
  const subject = subjectOf('log-key', 'contoso');
  const signed = await Promise.all(
    signers.map((by) => over.sign('attest', by, subject, fields, { purpose: 'real' })),
  );
  return said(signed, document);
}

const everything = (_index: number): boolean => true;

/** A view whose checkpoint is signed by these keys, under an origin. */
async function viewBy(
  signers: readonly string[],
  origin: string,
  { size = record.size, since = 0, keep = everything } = {},
) {
  const view = await record.view(since, keep, size);
  const root = new MemoryTree(record.entries.slice(0, size).map(leafHash)).root();
  const checkpoint = await signNote(formatCheckpoint({ origin, size, root }), signers);
  return { ...view, transcript: { ...transcriptOf(view.transcript), checkpoint } };
}

const byNew = [next.signer, nextPq.signer];
const whole = new Set<string>();

before(async () => {
  record = await contoso();
  known = {
    organisation: 'contoso',
    origin: ORIGIN,
    logKey: logKeys.verifier,
    genesis: genesisOf(record.entries.map((bytes, index) => groupOf(index, bytes))) ?? '',
    seen: record.place(),
  };
  await record.submit(await replacement(record, documentOf(record), ['dana', 'raj']));
  handedOver = record.size;
  emergency = await wholeEmergency(record);
  for (const stream of record.streams(emergency)) whole.add(stream);
});

test('a device follows the log to its new key, and remembers it', async () => {
  const view = await viewBy(byNew, NEW_ORIGIN, { since: known.seen.size });
  const pins = pinsAfter(known, await proveState(view, known, whole));
  assert.deepEqual(pins.log, { origin: NEW_ORIGIN, logKey: nextKey });
  assert.equal(pins.seen.size, record.size);
  // From then on it believes the new key, whatever is left out.
  const [since, keep] = [pins.seen.size, (index: number) => index !== handedOver - 1];
  const later = await viewBy(byNew, NEW_ORIGIN, { since, keep });
  assert.equal((await proveState(later, pins, whole)).log.origin, NEW_ORIGIN);
});

test('the old key signs up to its successor, and nothing after it', async () => {
  const old = [logKeys.signer];
  const last = await viewBy(old, ORIGIN, { size: handedOver, since: known.seen.size });
  assert.equal((await proveState(last, known, organisation)).log.origin, ORIGIN);
  const later = await viewBy(old, ORIGIN, { since: known.seen.size });
  await assert.rejects(proveState(later, known, whole), { code: 'evidence.log-key' });
});

test('a device that followed believes the old key nothing, even where the replacement is left out', async () => {
  const log = { origin: NEW_ORIGIN, logKey: nextKey };
  const pins = { ...known, log, seen: record.place() };
  const keep = (index: number) => index !== handedOver - 1;
  for (const given of [keep, () => true]) {
    const forged = await viewBy([logKeys.signer], ORIGIN, { since: record.size, keep: given });
    await assert.rejects(proveState(forged, pins, whole), { code: 'evidence.log-key' });
  }
});

test('the new key signs nothing before it was named, and both of its signatures count', async () => {
  const early = await viewBy(byNew, NEW_ORIGIN, { size: handedOver - 1, since: known.seen.size });
  await assert.rejects(proveState(early, known, organisation), { code: 'evidence.origin' });
  const half = await viewBy([next.signer], NEW_ORIGIN, { since: known.seen.size });
  await assert.rejects(proveState(half, known, whole), { code: 'tlog.note-unverified' });
});

test('two different admins, who saw the checkpoint that is named, replace the key in force', async () => {
  const fresh = await contoso();
  const document = documentOf(fresh);
  const other = { origin: `${ORIGIN}/3`, logKey: nextKey };
  for (const [rule, changed, signers] of [
    ['log-key.two-admins', document, ['dana']],
    ['log-key.two-admins', document, ['dana', 'dana']],
    ['log-key.two-admins', document, ['dana', 'ana']],
    ['log-key.previous', changedBy(document, { previous: other }), ['dana', 'raj']],
    ['log-key.same', changedBy(document, { next: { ...other, origin: ORIGIN } }), ['dana', 'raj']],
    [
      'log-key.last',
      changedBy(document, { last: { size: 1, root: 'ab'.repeat(32) } }),
      ['dana', 'raj'],
    ],
    ['log-key.document', changedBy(document, { extra: true }), ['dana', 'raj']],
  ] as const) {
    const input = await replacement(fresh, changed, signers);
    await assert.rejects(fresh.submit(input), { code: rule });
  }
});

test('an auditor trusts the key that signed, and is told when it is the old one', async () => {
  const { transcript, ...contents } = await record.contents(emergency);
  const { transcript: signed } = await viewBy(byNew, NEW_ORIGIN);
  const pack = await packEvidence({
    ...contents,
    transcript: transcriptOf({ ...transcript, checkpoint: transcriptOf(signed).checkpoint }),
    logKey: nextKey,
    origin: NEW_ORIGIN,
  });
  const verdict = async (logKey: string) => {
    const claims = await verifyPack(pack, { logKey }, PRINTER);
    const failed = claims.find(({ verdict }) => verdict === 'FAIL');
    return failed === undefined ? 'PASS' : failed.claim;
  };
  assert.equal(await verdict(nextKey), 'PASS');
  assert.match(await verdict(logKeys.verifier), /^The log’s key was replaced/);
  assert.match(await verdict(next.verifier), /^The record is of another log/);
});

function changedBy(document: Json, members: Readonly<Record<string, Json>>): Json {
  return typeof document === 'object' && document !== null && !Array.isArray(document)
    ? { ...document, ...members }
    : document;
}
