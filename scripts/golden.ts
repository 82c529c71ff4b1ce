/**
 * Writes a golden journal of today, once: `node scripts/golden.ts <name>`. An organisation of some years, everything that
 * can happen in it, and the evidence pack of one emergency. What is there already is never written anew: see
 * packages/evidence/golden.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  groupOf,
  makeTranscript,
  packEvidence,
  streamsOf,
  transcriptOf,
} from '../packages/evidence/index.ts';
import { canonicalBytes, concat, sha256, utf8 } from '../packages/format/index.ts';
import { allEmergencies, streamOf } from '../packages/procedure/index.ts';
import { everyEvent } from '../packages/procedure/practice/every-event.fixture.ts';
import {
  founded,
  genesisChange,
  ORIGIN,
  REAL_PEN,
} from '../packages/procedure/practice/practice-organisation.fixture.ts';
import { generateNoteKey } from '../packages/tlog/index.ts';
import { GrowingLog } from './golden.fixture.ts';

const folder = join(import.meta.dirname, '..', 'packages', 'evidence', 'golden');
const [name] = process.argv.slice(2);
if (name === undefined || !/^[a-z0-9.-]+$/.test(name)) throw new Error('give it a name');

const keyOf = (of: string, origin: string) =>
  generateNoteKey(origin, 'ed25519', () => sha256(utf8(`a golden key of the ${of}`)));
const logKey = await keyOf('log', ORIGIN);
const evidenceKey = await keyOf('evidence', `${ORIGIN}/evidence`);

const log = new GrowingLog();
const genesis = await genesisChange();
if (genesis.do !== 'genesis') throw new Error('nothing begins so');
const org = await founded(
  { ...genesis, logKey: logKey.verifier, evidenceKey: evidenceKey.verifier },
  { ...REAL_PEN, seen: (history) => log.seen(history) },
);
await everyEvent(org);
log.seen(org.history);
const { entries, tree } = log;
const checkpoint = await log.checkpoint(ORIGIN, logKey.signer);

// One with an envelope, approved in the app: its texts are only digests here.
const packed = allEmergencies(org.state).find(({ retrievals }) =>
  retrievals.some(({ opened }) => opened !== undefined),
);
if (packed === undefined) throw new Error('nobody opened an envelope');
const { id, account } = packed;
const streams = streamsOf(id, account);
const own = entries
  .map((bytes, index) => ({ index, bytes, proof: tree.inclusionProof(index, tree.size) }))
  .filter(({ index, bytes }) =>
    groupOf(index, bytes).events.some((event) => streams.has(streamOf(event))),
  );
const versions = Object.entries(org.state.accounts[account]?.versions ?? {});
const pack = await packEvidence({
  emergency: id,
  account,
  transcript: transcriptOf(makeTranscript(checkpoint, own)),
  consistency: (from, to) => tree.consistencyProof(from, to),
  attachments: [],
  seals: new Map(
    versions.map(([version, { header }]) => [
      Number(version),
      canonicalBytes(JSON.parse(JSON.stringify(header))),
    ]),
  ),
  logKey: logKey.verifier,
  origin: ORIGIN,
  evidenceKey: evidenceKey.signer,
});

const lines = concat(...entries.flatMap((entry) => [entry, utf8('\n')]));
for (const [extension, bytes] of [
  ['jsonl', lines],
  ['checkpoint', utf8(checkpoint)],
  ['log.pub', utf8(`${logKey.verifier}\n`)],
  ['zip', pack],
] as const)
  writeFileSync(join(folder, `${name}.${extension}`), bytes, { flag: 'wx' });
console.log(`${entries.length} entries, ${lines.length} bytes; the pack has ${pack.length}`);
