/**
 * Every file and document that comes from somewhere else is read by something that an adversary may feed: whatever they
 * change in a good one, it is read, or refused with a code and a hint. Nothing else is ever thrown: no fault of ours, no
 * stack that overflows, no text that is too long to be made. That it also ends, a test that hung would show.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { readReleases, readRequest } from '../packages/cli/backup/request.ts';
import { cardFrom, readCard } from '../packages/cli/first-run/card.ts';
import { genesisFrom, readSignature } from '../packages/cli/first-run/genesis-signature.ts';
import {
  cosignedOf,
  groupOf,
  judgeReleaseCase,
  offlineRecordOf,
  openPack,
  readMessage,
  transcriptOf,
  verifyEntryProof,
  writeMessage,
} from '../packages/evidence/index.ts';
import {
  canonicalBytes,
  HalliganError,
  type Json,
  packContainer,
  parseCanonical,
  utf8,
  utf8Text,
} from '../packages/format/index.ts';
import {
  byHandOf,
  custodyOf,
  dutyOf,
  eventOf,
  exerciseByHandOf,
  inventoryOf,
  keepingOf,
  kitAttestationOf,
  offlineUseOf,
  riskOf,
  storedInputOf,
  suspicionOf,
} from '../packages/procedure/index.ts';
import {
  encryptTo,
  generateIdentity,
  parseCredential,
  parseHeader,
  readKeyFile,
  readKit,
  recipientOf,
  unpackSeal,
  writeKeyFile,
} from '../packages/seal/index.ts';
import { alertSettingsOf } from '../packages/server/alerts/settings.ts';
import {
  checkAttachment,
  checkPlainAttachment,
  makePlainAttachment,
  parseStatement,
  readPlainHead,
  signedStatementOf,
  verifyLink,
} from '../packages/statement/index.ts';
import { parseEntryProof } from '../packages/tlog/index.ts';
import { documentNames, documentText, examplesOf } from './examples.ts';
import { changedBytes, changedJson } from './hostile.fixture.ts';

/** Tries for each example. */
const RUNS = 150;

type Reader<From> = (from: From) => unknown;

/** Reads it, or refuses it as this program refuses. */
async function holds<From>(read: Reader<From>, from: From): Promise<void> {
  try {
    await read(from);
  } catch (error) {
    assert.ok(error instanceof HalliganError, String(error instanceof Error ? error.stack : error));
    assert.ok(error.code !== '' && error.message !== '' && error.hint !== '');
  }
}

async function allHold<From>(read: Reader<From>, hostile: fc.Arbitrary<From>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(hostile, (from) => holds(read, from)),
    { numRuns: RUNS },
  );
}

const digest = 'ab'.repeat(32);
const pins = {
  organisation: 'contoso',
  origin: 'log.example/contoso',
  logKey: '',
  genesis: '',
  seen: { size: 1, root: digest },
  holder: 'ben',
};

/** Readers of documents, by the kinds whose examples docs/formats has. */
const DOCUMENTS: Readonly<Record<string, Reader<Json>>> = {
  'signed-statement': signedStatementOf,
  statement: (json) => parseStatement(canonicalBytes(json)),
  attachment: checkAttachment,
  'roster-link': verifyLink,
  'journal-entry': (json) => groupOf(0, canonicalBytes(json)),
  'seal-header': (json) => parseHeader(canonicalBytes(json)),
  credential: (json) => parseCredential(canonicalBytes(json)),
  inventory: inventoryOf,
  custody: custodyOf,
  duty: dutyOf,
  risk: riskOf,
  keeping: (json) => keepingOf(json, digest, digest),
  'alert-settings': (json) => alertSettingsOf(json),
  'kit-attestation': kitAttestationOf,
  'offline-record': offlineRecordOf,
  'offline-use': offlineUseOf,
  'by-hand': byHandOf,
  'exercise-by-hand': exerciseByHandOf,
  suspicion: suspicionOf,
  transcript: transcriptOf,
  'release-case': (json) => judgeReleaseCase(json, pins, '2026-03-02T15:02:00Z'),
};

const examples = documentNames().flatMap((name) => examplesOf(documentText(name)));

function example(kind: string): Json {
  const found = examples.find((one) => one.kind === kind);
  assert.ok(found !== undefined, `an example of ${kind}`);
  return found.value;
}

for (const [kind, read] of Object.entries(DOCUMENTS))
  test(`${kind}: a changed document is read or refused`, async () => {
    const own = examples.filter((one) => one.kind === kind);
    assert.ok(own.length > 0);
    for (const { value } of own) await allHold(read, changedJson(value));
  });

const golden = join(import.meta.dirname, '..', 'packages', 'evidence', 'golden');
const entries = readFileSync(join(golden, '0.1.jsonl'), 'utf8').trimEnd().split('\n');

test('inputs and events of a journal: changed ones are read or refused', async () => {
  const readBoth = (json: Json) => {
    const { input, events } = Object(json);
    storedInputOf(input);
    for (const event of Array.isArray(events) ? events : []) eventOf(event);
  };
  const anEntry = fc.constantFrom(...entries).map((line): Json => JSON.parse(line));
  await allHold(readBoth, anEntry.chain(changedJson));
});

const identity = generateIdentity('x25519');
const recipient = await recipientOf(identity);
const plain = makePlainAttachment(utf8('time,what\n'), 'text/csv; charset=utf-8');
const pack = new Uint8Array(readFileSync(join(golden, '0.1.zip')));
const statement = example('signed-statement');
const card = { v: 'halligan/card/v1', card: Object(example('roster-link')).change.members[0] };
const seal = packContainer(
  'seal',
  new Map([['seal.json', canonicalBytes(example('seal-header'))]]),
);
const checkpoint = readFileSync(join(golden, '0.1.checkpoint'), 'utf8');
const logKey = readFileSync(join(golden, '0.1.log.pub'), 'utf8').trim();
const proof = [
  'c2sp.org/tlog-proof@v1',
  `extra ${utf8(entries[0] ?? '').toBase64()}`,
  'index 0',
  ...Array.from({ length: 6 }, () => 'A'.repeat(43).concat('=')),
  '',
  checkpoint,
].join('\n');
const request = {
  v: 'halligan/backup-request/v1',
  organisation: 'contoso',
  by: 'ana',
  backup: digest,
  path: 'standard',
  recipient,
  seal: seal.toBase64(),
};
const release = [
  {
    v: 'halligan/backup-release/v1',
    request: digest,
    ...{ path: 'standard', group: 'keyholders', holder: 'ana', ciphertext: seal.toBase64() },
  },
];
const cosigned = { v: 'halligan/cosigned/v1', checkpoint, proof: ['A'.repeat(43).concat('=')] };
const asText = (json: unknown) => utf8(JSON.stringify(json));
const text = (read: Reader<string>) => (bytes: Uint8Array) => read(utf8Text(bytes));

/** Readers of files, each with a good one, as bytes. */
const FILES: Readonly<Record<string, readonly [Reader<Uint8Array>, Uint8Array]>> = {
  'evidence pack': [openPack, pack],
  'entry proof': [
    text((one) => [parseEntryProof(one), verifyEntryProof(one, { logKey, cosigners: [] })][1]),
    utf8(proof),
  ],
  'plain form': [
    (bytes) => [readPlainHead(bytes), checkPlainAttachment(plain.digest, bytes)],
    plain.plain,
  ],
  'canonical JSON': [(bytes) => parseCanonical(bytes), canonicalBytes(statement)],
  'seal container': [unpackSeal, seal],
  'seal.json': [parseHeader, canonicalBytes(example('seal-header'))],
  credential: [parseCredential, canonicalBytes(example('credential'))],
  'journal entry': [(bytes) => groupOf(0, bytes), utf8(entries[1] ?? '')],
  kit: [(bytes) => readKit(bytes, identity), await encryptTo([recipient], seal)],
  message: [
    text((one) => readMessage(one, identity)),
    utf8(await writeMessage(offlineRecordOf(example('offline-record')), [recipient])),
  ],
  'key file': [
    (bytes) => readKeyFile(bytes, 'five random words'),
    await writeKeyFile(identity, 'five random words', { workFactor: 1 }),
  ],
  card: [(bytes) => readCard(bytes, 'it'), asText(card)],
  'genesis signature': [
    (bytes) => readSignature(bytes, 'it'),
    asText({ v: 'halligan/genesis-signature/v1', signed: statement }),
  ],
  'backup request': [readRequest, asText(request)],
  'backup release': [readReleases, asText(release)],
};

for (const [name, [read, good]] of Object.entries(FILES))
  test(`${name}: changed bytes are read or refused`, async () => {
    await allHold(read, changedBytes(good));
    const brackets = utf8('['.repeat(200_000));
    const long = utf8(`"${'a'.repeat(1 << 20)}"`);
    for (const bytes of [new Uint8Array(), new Uint8Array([0xff]), brackets, long])
      await holds(read, bytes);
  });

test('the good ones are read: what is changed is not only refused for how it was made', async () => {
  const good = { ...FILES };
  // Neither is one: a seal without its shares, a kit of another type, a proof that is not of its entry.
  const forms = ['seal container', 'kit', 'entry proof'];
  for (const [name, [read, bytes]] of Object.entries(good))
    if (!forms.includes(name)) await read(bytes);
});

/** Files that are JSON: changed as documents as well, which bytes seldom are. */
const JSON_FILES: Readonly<Record<string, readonly [Reader<Json>, Json]>> = {
  card: [(json) => cardFrom(Object(json).card, 'it'), card],
  'genesis signature': [
    (json) => readSignature(asText(json), 'it'),
    { v: 'halligan/genesis-signature/v1', signed: statement },
  ],
  'backup request': [(json) => readRequest(asText(json)), request],
  'backup release': [(json) => readReleases(asText(json)), release],
  'cosigned checkpoint': [cosignedOf, cosigned],
  genesis: [(json) => genesisFrom(json, 'it'), example('roster-link')],
};

for (const [name, [read, good]] of Object.entries(JSON_FILES))
  test(`${name}: a changed document is read or refused`, async () => {
    await read(good);
    await allHold(read, changedJson(good));
  });

test('a kit whose own files were changed is read or refused', async () => {
  const about = { v: 'halligan/kit/v1', organisation: 'contoso', created: '2026-03-02T09:00:00Z' };
  const hostile = changedJson(about);
  await fc.assert(
    fc.asyncProperty(hostile, async (json) => {
      const files = new Map([['kit.json', utf8(JSON.stringify(json))]]);
      const bytes = await encryptTo([recipient], packContainer('kit', files));
      await holds((one) => readKit(one, identity), bytes);
    }),
    { numRuns: 40 },
  );
});
