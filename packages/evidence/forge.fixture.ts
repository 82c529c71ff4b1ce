import {
  canonicalBytes,
  fromBase64,
  HalliganError,
  type Json,
  packContainer,
  utf8,
} from '@halligan/format';
import { type EventBody, emergencyById, recordOf, storedInputOf } from '@halligan/procedure';
import { checkAttachment } from '@halligan/statement';
import { signNote } from '@halligan/tlog';
import {
  type Claim,
  exitCodeOf,
  openPack,
  REPORT_VERSION,
  recordDocument,
  recordTextOf,
  reportOf,
  verifyPack,
} from './index.ts';
import { evidenceKeys, type MemoryRecord, PRINTER } from './memory-record.fixture.ts';
import { type PackFacts, signedText } from './open-pack.ts';
import { makeSeen } from './seen.ts';
import { type Group, groupOf, type Transcript } from './transcript.ts';
import { VERIFY_GUIDE } from './verify-guide.ts';

/** What a server does that keeps its keys and not the rules: it packs what it likes, and signs it. */
export async function forgePack(
  record: MemoryRecord,
  emergency: string,
  keep?: (index: number) => boolean,
): Promise<Uint8Array> {
  const contents = await record.contents(emergency, keep);
  const { state } = record;
  const found = emergencyById(state, emergency);
  if (found === undefined || state.roster === undefined)
    throw new HalliganError('test.forge', 'Nothing to forge.', 'Declare first.');
  const { account, transcript } = contents;
  const facts: PackFacts = {
    v: 'halligan/evidence/v1',
    organisation: state.roster.organisation,
    emergency,
    account,
    drill: found.drill,
    report: REPORT_VERSION,
    paper: PRINTER.version,
  };
  const texts = new Map(contents.attachments.map((one) => [one.digest, checkAttachment(one)]));
  const told = { state, emergency: found, groups: groupsIn(transcript), texts };
  return signedPack(
    facts,
    new Map([
      ['pack.json', canonicalBytes(facts)],
      ['transcript.json', canonicalBytes(plain(transcript))],
      ['seen.json', canonicalBytes(seenOf(record, transcript))],
      ['record.json', canonicalBytes(recordOf(state, found))],
      ['report.html', utf8(reportOf(told))],
      ['record.txt', utf8(recordTextOf(told))],
      ['report.pdf', await PRINTER.print(recordDocument(told))],
      ['verify.md', utf8(VERIFY_GUIDE)],
      ...contents.attachments.map(
        (one) => [`attachments/${one.digest}.json`, canonicalBytes({ ...one })] as const,
      ),
      ...[...contents.seals].map(([version, seal]) => [`seals/${version}.json`, seal] as const),
    ]),
  );
}

/** Where an entry is not even readable, it gets no further than that, whatever the other files say. */
function groupsIn({ entries }: Transcript): readonly Group[] {
  try {
    return entries.map(({ index, bytes }) => groupOf(index, fromBase64(bytes)));
  } catch {
    return [];
  }
}

function seenOf(record: MemoryRecord, transcript: Transcript): Json {
  try {
    return makeSeen(groupsIn(transcript), record.size, (from, to) => record.consistency(from, to));
  } catch {
    return [];
  }
}

/** The same pack with some files replaced or (null) taken out, signed again by the evidence key, or another. */
export async function resigned(
  pack: Uint8Array,
  changes: Readonly<Record<string, Uint8Array | null>>,
  signer = evidenceKeys.signer,
): Promise<Uint8Array> {
  const opened = openPack(pack);
  const files = new Map(opened.files);
  for (const [name, bytes] of Object.entries(changes)) {
    if (bytes === null) files.delete(name);
    else files.set(name, bytes);
  }
  return signedPack(opened.facts, files, signer);
}

async function signedPack(
  facts: PackFacts,
  files: ReadonlyMap<string, Uint8Array>,
  signer = evidenceKeys.signer,
): Promise<Uint8Array> {
  const note = utf8(await signNote(signedText(facts, files), signer));
  return packContainer('evidence', new Map([...files, ['signature.note', note]]));
}

/** An entry's events altered; its input stays as it was signed. */
export function withEvents(
  entry: Uint8Array,
  change: (event: Record<string, unknown>) => Record<string, unknown>,
): Uint8Array {
  const group = JSON.parse(new TextDecoder().decode(entry));
  return canonicalBytes({ ...group, events: group.events.map(change) });
}

/** Index of the first entry that holds an event of a type. */
export function indexOf(record: MemoryRecord, type: EventBody['type']): number {
  return record.entries.findIndex((entry, index) =>
    groupOf(index, entry).events.some((event) => event.type === type),
  );
}

export const TICK = storedInputOf({ type: 'tick' });

/** What the verifier says of a pack: its exit code, and the claim that failed, in one line. */
export async function verdictOf(
  pack: Uint8Array,
  anchors: Parameters<typeof verifyPack>[1] = {},
): Promise<string> {
  const claims = await verifyPack(pack, anchors, PRINTER);
  const failed = claims.filter(({ verdict }) => verdict === 'FAIL');
  return `${exitCodeOf(claims)} ${failed.map(({ basis, claim }) => `${basis}: ${claim}`).join(' ')}`;
}

/** The claims of a verdict. */
export function claimsThat(claims: readonly Claim[], verdict: Claim['verdict']): readonly string[] {
  return claims.filter((one) => one.verdict === verdict).map(({ claim }) => claim);
}

function plain(value: object): Json {
  return JSON.parse(JSON.stringify(value));
}
