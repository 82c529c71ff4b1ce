import { canonicalBytes, HalliganError, type Json, packContainer, utf8 } from '@halligan/format';
import { emergencyById, recordOf } from '@halligan/procedure';
import { type Attachment, checkAttachment } from '@halligan/statement';
import { signNote } from '@halligan/tlog';
import type { CosignedCheckpoint } from './cosigned.ts';
import { PACK_VERSION, type PackFacts, SIGNATURE, signedText } from './open-pack.ts';
import type { Printer } from './printer.ts';
import { recordDocument } from './record-document.ts';
import { replay } from './replay.ts';
import { recordTextOf, reportOf } from './report.ts';
import { REPORT_VERSION } from './report-version.ts';
import { type ConsistencyProof, makeSeen } from './seen.ts';
import { provenGroups, streamsOf, type Transcript, verifyCheckpoint } from './transcript.ts';
import { VERIFY_GUIDE } from './verify-guide.ts';

/** What a pack is made of. */
export interface PackContents {
  readonly emergency: string;
  readonly account: string;
  readonly transcript: Transcript;
  /** Proofs that the transcript's checkpoint grew from those that its statements quote. */
  readonly consistency: ConsistencyProof;
  /** The plaintexts that the statements name by salted digest: reasons, evidence, notes. */
  readonly attachments: readonly Attachment[];
  /** seal.json of each version of the account, by version. */
  readonly seals: ReadonlyMap<number, Uint8Array>;
  readonly logKey: string;
  readonly origin: string;
  /** C2SP signer key of the server's evidence key. */
  readonly evidenceKey: string;
  /** The latest checkpoint that cosigners signed, if any did. */
  readonly cosigned?: CosignedCheckpoint | undefined;
  /** Makes report.pdf; without it the pack has none. */
  readonly printer?: Printer;
}

/**
 * Packs the record of one emergency or drill into a container that an auditor can verify offline, from it alone.
 * @throws `evidence.emergency`, and what replaying the transcript throws: no pack is made that would not verify
 */
export async function packEvidence(contents: PackContents): Promise<Uint8Array> {
  const { emergency: id, account, transcript, printer } = contents;
  const anchor = await verifyCheckpoint(transcript.checkpoint, contents.logKey, contents.origin);
  const groups = provenGroups(transcript, anchor);
  const { state } = await replay(groups, streamsOf(id, account));
  const emergency = emergencyById(state, id);
  if (emergency === undefined || state.roster === undefined) {
    throw new HalliganError(
      'evidence.emergency',
      'There is no such emergency.',
      'See halligan emergency list.',
    );
  }
  const texts = new Map(contents.attachments.map((one) => [one.digest, checkAttachment(one)]));
  const told = { state, emergency, groups, texts };
  const facts: PackFacts = {
    v: PACK_VERSION,
    organisation: state.roster.organisation,
    emergency: id,
    account,
    drill: emergency.drill,
    report: REPORT_VERSION,
    ...(printer === undefined ? {} : { paper: printer.version }),
  };
  const files = new Map<string, Uint8Array>([
    ['pack.json', canonicalBytes(facts)],
    ['transcript.json', canonicalBytes(transcript as unknown as Json)],
    ['seen.json', canonicalBytes(makeSeen(groups, anchor.size, contents.consistency))],
    ['record.json', canonicalBytes(recordOf(state, emergency))],
    ['report.html', utf8(reportOf(told))],
    ['record.txt', utf8(recordTextOf(told))],
    ['verify.md', utf8(VERIFY_GUIDE)],
  ]);
  if (contents.cosigned !== undefined)
    files.set('cosigned.json', canonicalBytes(contents.cosigned));
  if (printer !== undefined) files.set('report.pdf', await printer.print(recordDocument(told)));
  for (const attachment of contents.attachments) {
    files.set(`attachments/${attachment.digest}.json`, canonicalBytes({ ...attachment }));
  }
  for (const [version, seal] of contents.seals) files.set(`seals/${version}.json`, seal);
  files.set(SIGNATURE, utf8(await signNote(signedText(facts, files), contents.evidenceKey)));
  return packContainer('evidence', files);
}
