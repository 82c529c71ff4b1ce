import {
  canonicalText,
  HalliganError,
  hex,
  parseCanonical,
  sameBytes,
  sha256,
  utf8,
  utf8Text,
} from '@halligan/format';
import { type Emergency, recordOf, type State } from '@halligan/procedure';
import { checkAttachment } from '@halligan/statement';
import type { Say } from './claim.ts';
import { type FilesBeside, largeFiles, verifyBeside } from './large-files.ts';
import { namedTexts } from './named-texts.ts';
import { fileOf, type OpenedPack, packError, verifySignature } from './open-pack.ts';
import type { Printer } from './printer.ts';
import { recordDocument, type Told } from './record-document.ts';
import { type ReportText, recordTextOf, reportOf } from './report.ts';
import { REPORT_VERSION } from './report-version.ts';
import { verifySeen } from './seen.ts';
import type { Anchor, Group } from './transcript.ts';
import { VERIFY_GUIDE } from './verify-guide.ts';

const ATTACHMENT = /^attachments\/([0-9a-f]{64})\.json$/;
const SEAL = /^seals\/([1-9]\d{0,5})\.json$/;
const OTHERS: ReadonlySet<string> = new Set([
  'cosigned.json',
  'pack.json',
  'record.json',
  'record.txt',
  'report.html',
  'report.pdf',
  'seen.json',
  'signature.note',
  'transcript.json',
  'verify.md',
]);
const SEEN_LIMIT = 64 << 20;
const ATTACHMENT_FILE_LIMIT = 16 << 20;

/**
 * Verifies that everything beside the transcript is what the transcript makes of it: nothing more, nothing else.
 * @param beside large files, which no pack holds
 * @returns the texts and files that statements name, as far as they are here and the claims need them
 * @throws `evidence.*`, `statement.attachment`, `tlog.*`
 */
export async function verifyFiles(
  pack: OpenedPack,
  state: State,
  emergency: Emergency,
  groups: readonly Group[],
  anchor: Anchor,
  printer: Printer | undefined,
  beside: FilesBeside,
  say: Say,
): Promise<ReadonlyMap<string, ReportText>> {
  const { files } = pack;
  const seen = verifySeen(parseCanonical(fileOf(files, 'seen.json'), SEEN_LIMIT), groups, anchor);
  say(
    'PASS',
    'cryptographic',
    `every signer’s device had seen this same log, at the ${seen} sizes that the statements quote`,
  );
  requireKnownFiles(files);
  if (state.roster === undefined) throw packError('its record has no roster');
  await verifySignature(pack, state.roster.evidenceKey);
  say('PASS', 'signed by the server', 'the pack was made with the evidence key of the roster');
  if (utf8Text(fileOf(files, 'record.json')) !== canonicalText(recordOf(state, emergency)))
    throw new HalliganError(
      'evidence.record',
      'record.json is not the record that the log gives.',
      'Ask for the pack again.',
    );
  say('PASS', 'cryptographic', 'record.json is the record that the log gives');
  const large = largeOf(emergency, groups);
  const texts = verifyTexts(files, emergency, groups, large, say);
  // The log that was laid beside the record is compared again; of the others only the digest counts.
  const log = emergency.reconciled?.log ?? '';
  const apart = await verifyBeside(large, beside, new Set([log]), say);
  verifySeals(files, state, emergency, say);
  await verifyReport(pack, { state, emergency, groups, texts }, printer, say);
  return new Map([...texts, ...apart]);
}

/** The large files that the record names, until its texts are erased. */
function largeOf(emergency: Emergency, groups: readonly Group[]): ReadonlyMap<string, number> {
  if (emergency.keeping?.erasure?.done !== undefined) return new Map();
  const named = new Set(namedTexts(emergency, groups));
  return new Map([...largeFiles(groups)].filter(([digest]) => named.has(digest)));
}

/** A file that nothing verifies would be read as if it had been. */
function requireKnownFiles(files: ReadonlyMap<string, Uint8Array>): void {
  const stranger = [...files.keys()].find(
    (name) => !OTHERS.has(name) && !ATTACHMENT.test(name) && !SEAL.test(name),
  );
  if (stranger !== undefined) throw packError(`it holds ${stranger}, which belongs to no pack`);
}

function verifyTexts(
  files: ReadonlyMap<string, Uint8Array>,
  emergency: Emergency,
  groups: readonly Group[],
  large: ReadonlyMap<string, number>,
  say: Say,
): ReadonlyMap<string, ReportText> {
  const named = namedTexts(emergency, groups);
  const { erasure } = emergency.keeping ?? {};
  const texts = new Map<string, ReportText>();
  for (const [name, bytes] of files) {
    const [, digest] = ATTACHMENT.exec(name) ?? [];
    if (digest === undefined) continue;
    const attachment = checkAttachment(parseCanonical(bytes, ATTACHMENT_FILE_LIMIT));
    if (digest !== attachment.digest) throw packError(`${name} holds another text or file`);
    if (!named.includes(digest)) throw packError(`${name} is named by no statement`);
    texts.set(digest, attachment);
  }
  say(
    'PASS',
    'cryptographic',
    `the ${texts.size} texts and files here are those that were signed for`,
  );
  const absent = named.filter((digest) => !texts.has(digest) && !large.has(digest)).length;
  if (absent > 0)
    say(
      'NOT PROVEN',
      erasure?.done === undefined ? 'erased or left out' : `erased ${erasure.done.at.slice(0, 10)}`,
      `what ${absent} of ${named.length} texts and files said that were signed for`,
    );
  return texts;
}

function verifySeals(
  files: ReadonlyMap<string, Uint8Array>,
  state: State,
  { account, openings }: Emergency,
  say: Say,
): void {
  const versions = state.accounts[account]?.versions ?? {};
  const found = new Set<number>();
  for (const [name, bytes] of files) {
    const [, number] = SEAL.exec(name) ?? [];
    if (number === undefined) continue;
    if (versions[Number(number)]?.digest !== hex(sha256(bytes)))
      throw new HalliganError(
        'evidence.seal',
        `${name} is not the seal of the record.`,
        'Ask for the pack again.',
      );
    found.add(Number(number));
  }
  say(
    'PASS',
    'cryptographic',
    `the seals here (${found.size}) are those of the record; it knows ${Object.keys(versions).length} of ${account}`,
  );
  const missing = openings.find(({ version }) => !found.has(version));
  if (missing !== undefined)
    say(
      'NOT PROVEN',
      'left out',
      `what the seal of version ${missing.version}, which was to be opened, says in full`,
    );
}

/** What this program would write differently under the same version was altered: a page for people misleads people. */
async function verifyReport(
  { facts, files }: OpenedPack,
  told: Told,
  printer: Printer | undefined,
  say: Say,
): Promise<void> {
  if (files.has('report.pdf') !== (facts.paper !== undefined))
    throw packError('pack.json and the files do not agree whether there is a report.pdf');
  if (facts.report !== REPORT_VERSION) {
    say(
      'NOT PROVEN',
      'another report version',
      'what is for reading here says what the record says; read these claims instead',
    );
    return;
  }
  const expected: readonly (readonly [string, Uint8Array])[] = [
    ['report.html', utf8(reportOf(told))],
    ['record.txt', utf8(recordTextOf(told))],
    ['verify.md', utf8(VERIFY_GUIDE)],
  ];
  for (const [name, bytes] of expected) requireSame(name, fileOf(files, name), bytes);
  say('PASS', 'cryptographic', 'report.html, record.txt and verify.md say what the record says');
  if (facts.paper === undefined) return;
  if (facts.paper !== printer?.version) {
    say(
      'NOT PROVEN',
      printer === undefined ? 'nothing here prints' : 'another paper version',
      'report.pdf says what the record says; read report.html instead',
    );
    return;
  }
  const printed = await printer.print(recordDocument(told));
  requireSame('report.pdf', fileOf(files, 'report.pdf'), printed);
  say('PASS', 'cryptographic', 'report.pdf is the record, printed again here');
}

function requireSame(name: string, found: Uint8Array, expected: Uint8Array): void {
  if (!sameBytes(found, expected))
    throw new HalliganError(
      'evidence.report',
      `${name} does not say what the record says.`,
      'It was altered, by somebody with the evidence key: do not read it, and tell security.',
    );
}
