import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  groupOf,
  judgeReleaseCase,
  offlineRecordOf,
  transcriptOf,
} from '../../packages/evidence/index.ts';
import { canonicalBytes, concat, type Json, utf8 } from '../../packages/format/index.ts';
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
} from '../../packages/procedure/index.ts';
import { readBatchHeader, reportInputOf, reportOf } from '../../packages/reports/index.ts';
import { parseCredential, parseHeader } from '../../packages/seal/index.ts';
import { alertSettingsOf } from '../../packages/server/alerts/settings.ts';
import {
  checkAttachment,
  parseStatement,
  signedStatementOf,
  verifyLink,
} from '../../packages/statement/index.ts';
import { documentNames, documentText, examplesOf } from '../examples.ts';
import { changedJson } from './changes.ts';
import { type Reader, type Reading, reading } from './reading.ts';

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
export const READERS: Readonly<Record<string, Reader<Json>>> = {
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
  'machine-report': (json) => reportOf(canonicalBytes(json)),
  'machine-batch': (json) => readBatchHeader(concat(canonicalBytes(json), utf8('\n'))),
  'report-input': reportInputOf,
  transcript: transcriptOf,
};

const examples = documentNames().flatMap((name) => examplesOf(documentText(name)));

/** An example of this kind in docs/formats. */
export function example(kind: string): Json {
  const found = examples.find((one) => one.kind === kind);
  if (found === undefined) throw new Error(`there is no example of ${kind}`);
  return found.value;
}

/** Where a journal and a pack of an earlier version lie. */
export const golden = join(import.meta.dirname, '../../packages/evidence/golden');

/** The lines of that journal. */
export const entries = readFileSync(join(golden, '0.1.jsonl'), 'utf8').trimEnd().split('\n');

const anEntry = fc.constantFrom(...entries).map((line): Json => JSON.parse(line));

function readEntry(json: Json): void {
  const { input, events } = Object(json);
  storedInputOf(input);
  for (const event of Array.isArray(events) ? events : []) eventOf(event);
}

/** Judged by a device that knows nothing of the log it is from: whatever it says is refused, in words. */
const judge = (json: Json) => judgeReleaseCase(json, pins, '2026-03-02T15:02:00Z');

/** Documents, each with something changed. */
export const DOCUMENTS: readonly Reading[] = [
  ...Object.entries({ ...READERS, 'release-case': judge }).map(([kind, read]) => {
    example(kind);
    const own = examples.filter((one) => one.kind === kind).map(({ value }) => value);
    return reading(kind, read, fc.constantFrom(...own).chain(changedJson));
  }),
  reading('inputs and events of a journal', readEntry, anEntry.chain(changedJson)),
];
