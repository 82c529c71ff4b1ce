import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generateNoteKey } from '@halligan/tlog';
import { ACCOUNT, contoso } from './contoso.fixture.ts';
import { authorise, declare, releaseFields, request } from './emergency.fixture.ts';
import { indexOf } from './forge.fixture.ts';
import {
  type DevicePins,
  genesisOf,
  groupOf,
  judgeReleaseCase,
  proveState,
  streamsOf,
  type View,
} from './index.ts';
import { bytesOf, logKeys, MemoryRecord, ORIGIN } from './memory-record.fixture.ts';

/** ben's device, which saw the log when the account was armed; the server that sends it a case is the adversary. */

const armed = await contoso();
const seen = armed.place();
const record = armed.fork();
const emergency = await declare(record);
await authorise(record, emergency);
const asked = await request(record, emergency);
const NOW = '2026-03-02T14:42:00.000Z';

function pinsOf(other: MemoryRecord): DevicePins {
  const groups = other.entries.slice(0, 1).map((bytes, index) => groupOf(index, bytes));
  return {
    organisation: 'contoso',
    origin: ORIGIN,
    logKey: logKeys.verifier,
    genesis: genesisOf(groups) ?? '',
    seen,
  };
}

const pins = { ...pinsOf(armed), holder: 'ben' };

async function caseOf(
  view: View | Promise<View> = record.view(seen.size),
  other: Readonly<Record<string, unknown>> = {},
): Promise<unknown> {
  return {
    v: 'halligan/release-case/v1',
    emergency,
    account: ACCOUNT,
    request: asked,
    view: await view,
    ...other,
  };
}

async function answerOf(json: unknown, now = NOW, holder = 'ben'): Promise<string> {
  const { answer } = await judgeReleaseCase(json, { ...pins, holder }, now);
  return 'refusal' in answer ? answer.refusal.rule : `${answer.group} v${answer.version}`;
}

test('an honest case is granted to its holders', async () => {
  assert.equal(await answerOf(await caseOf()), 'keyholders v1');
  assert.equal(await answerOf(await caseOf(), NOW, 'ana'), 'keyholders v1');
  const { anchor, bundle } = await judgeReleaseCase(await caseOf(), pins, NOW);
  assert.equal(anchor.size, record.size);
  assert.equal(bundle.request, asked);
});

test('who holds no share is refused, and so is who released already', async () => {
  assert.equal(await answerOf(await caseOf(), NOW, 'dana'), 'release.not-holder');
  const released = record.fork();
  await released.say('share.release', 'ben', emergency, releaseFields('ben', asked));
  assert.equal(await answerOf(await caseOf(released.view(seen.size))), 'release.again');
});

test('the window is the device’s own clock’s', async () => {
  assert.equal(await answerOf(await caseOf(), '2026-03-02T15:00:59.000Z'), 'keyholders v1');
  assert.equal(await answerOf(await caseOf(), '2026-03-02T15:01:01.000Z'), 'release.window');
});

test('a request that the record does not hold is refused, as is one of another emergency', async () => {
  const unknown = bytesOf('request').toHex();
  assert.equal(await answerOf(await caseOf(undefined, { request: unknown })), 'release.unknown');
  assert.equal(await answerOf(await caseOf(undefined, { request: emergency })), 'release.unknown');
  assert.equal(await answerOf(await caseOf(undefined, { emergency: unknown })), 'release.unknown');
  await assert.rejects(answerOf(await caseOf(undefined, { account: 'bg-admin-2' })), {
    code: 'evidence.rules',
  });
});

test('a case without its approval, or without the second person, does not hold', async () => {
  for (const type of ['EmergencyApproved', 'PartTaken'] as const) {
    const left = indexOf(record, type);
    const view = record.view(seen.size, (index) => index !== left);
    await assert.rejects(answerOf(await caseOf(view)), { code: 'evidence.rules' }, type);
  }
});

test('a log that was rolled back is refused', async () => {
  const view = await record.view(seen.size);
  const old = await armed.view(0, undefined, seen.size - 1);
  await assert.rejects(answerOf(await caseOf(old)), { code: 'tlog.consistency' });
  await assert.rejects(answerOf(await caseOf({ ...old, consistency: view.consistency })), {
    code: 'tlog.consistency',
  });
});

test('a forked log is refused: the same size with another root, and any size after it', async () => {
  const fork = armed.rewritten((entry, index) => (index === seen.size - 1 ? bytesOf('x') : entry));
  await assert.rejects(answerOf(await caseOf(fork.view())), { code: 'tlog.consistency' });
  const later = record.rewritten((entry, index) => (index === 1 ? bytesOf('x') : entry));
  await assert.rejects(answerOf(await caseOf(later.view(seen.size))), {
    code: 'tlog.consistency',
  });
  const honest = await record.view(seen.size);
  await assert.rejects(answerOf(await caseOf({ ...honest, consistency: [] })), {
    code: 'tlog.consistency',
  });
});

test('another genesis is refused, by a device that saw nothing yet as well', async () => {
  const nothing = { size: 0, root: new MemoryRecord().place().root };
  const other = { ...pins, genesis: bytesOf('genesis').toHex() };
  await assert.rejects(judgeReleaseCase(await caseOf(), other, NOW), { code: 'evidence.genesis' });
  const view = await record.view(0);
  await assert.rejects(
    proveState(view, { ...other, seen: nothing }, streamsOf(emergency, ACCOUNT)),
    { code: 'evidence.genesis' },
  );
  const headless = await record.view(0, (index) => index > 0);
  await assert.rejects(
    proveState(headless, { ...pins, seen: nothing }, streamsOf(emergency, ACCOUNT)),
    { code: 'evidence.genesis' },
  );
});

test('another log, another key and another organisation are refused', async () => {
  const json = await caseOf();
  await assert.rejects(judgeReleaseCase(json, { ...pins, origin: 'log.example/other' }, NOW), {
    code: 'evidence.origin',
  });
  const { verifier } = await generateNoteKey(ORIGIN);
  await assert.rejects(judgeReleaseCase(json, { ...pins, logKey: verifier }, NOW), {
    code: 'tlog.note-unverified',
  });
  const { answer } = await judgeReleaseCase(json, { ...pins, organisation: 'fabrikam' }, NOW);
  assert.ok('refusal' in answer && answer.refusal.rule === 'release.pins');
});

test('what is no case is refused', async () => {
  const good = await caseOf();
  for (const json of [
    null,
    {},
    { ...Object(good), v: 'halligan/release-case/v2' },
    { ...Object(good), extra: 1 },
    { ...Object(good), account: 'BG' },
    { ...Object(good), request: 'x' },
  ])
    await assert.rejects(answerOf(json), { code: 'evidence.case' });
  for (const view of [null, {}, { transcript: null }, { ...Object(good).view, extra: 1 }])
    await assert.rejects(answerOf(await caseOf(undefined, { view })), { code: 'evidence.view' });
  for (const transcript of [null, {}, { v: 'halligan/transcript/v2' }])
    await assert.rejects(
      answerOf(await caseOf(undefined, { view: { transcript, consistency: [] } })),
      { code: 'evidence.transcript' },
    );
});
