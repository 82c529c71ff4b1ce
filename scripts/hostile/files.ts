import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readReleases, readRequest } from '../../packages/cli/backup/request.ts';
import { cardFrom, readCard } from '../../packages/cli/first-run/card.ts';
import { genesisFrom, readSignature } from '../../packages/cli/first-run/genesis-signature.ts';
import {
  cosignedOf,
  groupOf,
  offlineRecordOf,
  openPack,
  readMessage,
  verifyEntryProof,
  writeMessage,
} from '../../packages/evidence/index.ts';
import {
  canonicalBytes,
  type Json,
  packContainer,
  parseCanonical,
  utf8,
  utf8Text,
} from '../../packages/format/index.ts';
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
} from '../../packages/seal/index.ts';
import {
  checkPlainAttachment,
  makePlainAttachment,
  readPlainHead,
} from '../../packages/statement/index.ts';
import { parseEntryProof } from '../../packages/tlog/index.ts';
import { changedBytes, changedJson } from './changes.ts';
import { entries, example, golden } from './documents.ts';
import { type Reader, type Reading, reading } from './reading.ts';

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
export const checkpoint = readFileSync(join(golden, '0.1.checkpoint'), 'utf8');
export const logKey = readFileSync(join(golden, '0.1.log.pub'), 'utf8').trim();
const proof = [
  'c2sp.org/tlog-proof@v1',
  `extra ${utf8(entries[0] ?? '').toBase64()}`,
  'index 0',
  ...Array.from({ length: 6 }, () => 'A'.repeat(43).concat('=')),
  '',
  checkpoint,
].join('\n');
const digest = 'ab'.repeat(32);
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
export const text = (read: Reader<string>) => (bytes: Uint8Array) => read(utf8Text(bytes));

/** A reader of a file, and a good one, as bytes. */
interface Sample {
  readonly read: Reader<Uint8Array>;
  readonly good: Uint8Array;
  readonly isSlow?: true;
  /** Whether the good one is refused all the same: a seal without its shares, a proof that is not of its entry. */
  readonly isPart?: true;
}

export const FILES: Readonly<Record<string, Sample>> = {
  'evidence pack': { read: openPack, good: pack, isSlow: true },
  'entry proof': {
    read: text(
      (one) => [parseEntryProof(one), verifyEntryProof(one, { logKey, cosigners: [] })][1],
    ),
    good: utf8(proof),
    isSlow: true,
    isPart: true,
  },
  'plain form': {
    read: (bytes) => [readPlainHead(bytes), checkPlainAttachment(plain.digest, bytes)],
    good: plain.plain,
  },
  'canonical JSON': { read: (bytes) => parseCanonical(bytes), good: canonicalBytes(statement) },
  'seal container': { read: unpackSeal, good: seal, isPart: true },
  'seal.json': { read: parseHeader, good: canonicalBytes(example('seal-header')) },
  'credential as a file': { read: parseCredential, good: canonicalBytes(example('credential')) },
  'entry as bytes': { read: (bytes) => groupOf(0, bytes), good: utf8(entries[1] ?? '') },
  kit: {
    read: (bytes) => readKit(bytes, identity),
    good: await encryptTo([recipient], seal),
    isSlow: true,
    isPart: true,
  },
  message: {
    read: text((one) => readMessage(one, identity)),
    good: utf8(await writeMessage(offlineRecordOf(example('offline-record')), [recipient])),
    isSlow: true,
  },
  'key file': {
    read: (bytes) => readKeyFile(bytes, 'five random words'),
    good: await writeKeyFile(identity, 'five random words', { workFactor: 1 }),
    isSlow: true,
  },
  card: { read: (bytes) => readCard(bytes, 'it'), good: asText(card) },
  'genesis signature': {
    read: (bytes) => readSignature(bytes, 'it'),
    good: asText({ v: 'halligan/genesis-signature/v1', signed: statement }),
  },
  'backup request': { read: readRequest, good: asText(request) },
  'backup release': { read: readReleases, good: asText(release) },
};

/** Files that are JSON: changed as documents as well, which bytes seldom are. */
export const JSON_FILES: Readonly<Record<string, readonly [Reader<Json>, Json]>> = {
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

const about = { v: 'halligan/kit/v1', organisation: 'contoso', created: '2026-03-02T09:00:00Z' };

/** Files, each with something changed. */
export const CHANGED_FILES: readonly Reading[] = [
  ...Object.entries(FILES).map(([name, { read, good, isSlow }]) =>
    reading(`${name}, changed bytes`, read, changedBytes(good), isSlow),
  ),
  ...Object.entries(JSON_FILES).map(([name, [read, good]]) =>
    reading(`${name}, changed document`, read, changedJson(good)),
  ),
  reading(
    'kit whose own files were changed',
    async (json) => {
      const files = new Map([['kit.json', utf8(JSON.stringify(json))]]);
      return readKit(await encryptTo([recipient], packContainer('kit', files)), identity);
    },
    changedJson(about),
    true,
  ),
];
