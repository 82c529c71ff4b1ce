import {
  canonicalBytes,
  digestOf,
  HalliganError,
  hex,
  type Json,
  openContainer,
  packContainer,
  parseCanonical,
  sha256,
  utf8,
  utf8Text,
} from '@halligan/format';
import { recordOf } from '@halligan/procedure';
import { type Attachment, checkAttachment } from '@halligan/statement';
import { signNote, verifyNote } from '@halligan/tlog';
import { z } from 'zod';
import { reportOf } from './report.ts';
import {
  provenGroups,
  replay,
  streamsOf,
  type Transcript,
  transcriptOf,
  verifyCheckpoint,
} from './transcript.ts';
import { VERIFY_GUIDE } from './verify-guide.ts';

const VERSION = 'halligan/evidence/v1';
const SIGNATURE = 'signature.note';

const packSchema = z.strictObject({
  v: z.literal(VERSION),
  organisation: z.string(),
  emergency: z.string().regex(/^[0-9a-f]{64}$/),
  account: z.string(),
  drill: z.boolean(),
});

type PackFacts = z.infer<typeof packSchema>;

/** What a pack is made of. */
export interface PackContents {
  readonly emergency: string;
  readonly account: string;
  readonly transcript: Transcript;
  /** The plaintexts that the statements name by salted digest: reasons, evidence, notes. */
  readonly attachments: readonly Attachment[];
  /** seal.json of each version of the account, by version. */
  readonly seals: ReadonlyMap<number, Uint8Array>;
  readonly logKey: string;
  readonly origin: string;
  /** C2SP signer key of the server's evidence key. */
  readonly evidenceKey: string;
}

/** Packs the record of one emergency or drill into a container that an auditor can verify offline, from it alone. */
export async function packEvidence(contents: PackContents): Promise<Uint8Array> {
  const { emergency: id, account, transcript } = contents;
  const anchor = await verifyCheckpoint(transcript.checkpoint, contents.logKey, contents.origin);
  const { state } = await replay(provenGroups(transcript, anchor), streamsOf(id, account));
  const emergency = state.emergencies[id];
  if (emergency === undefined || state.roster === undefined) {
    throw new HalliganError(
      'evidence.emergency',
      'There is no such emergency.',
      'See halligan emergency list.',
    );
  }
  const texts = new Map(contents.attachments.map((one) => [one.digest, checkAttachment(one)]));
  const facts: PackFacts = {
    v: VERSION,
    organisation: state.roster.organisation,
    emergency: id,
    account,
    drill: emergency.drill,
  };
  const files = new Map<string, Uint8Array>([
    ['pack.json', canonicalBytes(facts)],
    ['transcript.json', canonicalBytes(transcript as unknown as Json)],
    ['record.json', canonicalBytes(recordOf(state, emergency))],
    ['report.html', utf8(reportOf(state, emergency, texts))],
    ['verify.md', utf8(VERIFY_GUIDE)],
  ]);
  for (const attachment of contents.attachments) {
    files.set(`attachments/${attachment.digest}.json`, canonicalBytes({ ...attachment }));
  }
  for (const [version, seal] of contents.seals) files.set(`seals/${version}.json`, seal);
  files.set(SIGNATURE, utf8(await signNote(signedText(facts, files), contents.evidenceKey)));
  return packContainer('evidence', files);
}

/** A pack that was opened: its form was checked, not yet what it claims. */
export interface OpenedPack {
  readonly facts: PackFacts;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly transcript: Transcript;
}

/** Opens a pack. @throws `format.*`, `evidence.pack` */
export function openPack(bytes: Uint8Array): OpenedPack {
  const { files } = openContainer('evidence', bytes);
  const facts = packSchema.safeParse(parseCanonical(fileOf(files, 'pack.json')));
  if (!facts.success) throw packError('pack.json has a form that this version does not know');
  const transcript = transcriptOf(parseCanonical(fileOf(files, 'transcript.json'), 1 << 30));
  return { facts: facts.data, files, transcript };
}

/** The attachments of a pack, each checked against its salted digest. @throws `statement.attachment` */
export function attachmentsOf({
  files,
}: OpenedPack): ReadonlyMap<string, ReturnType<typeof checkAttachment>> {
  const found = new Map<string, ReturnType<typeof checkAttachment>>();
  for (const [name, bytes] of files) {
    if (!name.startsWith('attachments/')) continue;
    const attachment = checkAttachment(parseCanonical(bytes, 16 << 20));
    if (name !== `attachments/${attachment.digest}.json`)
      throw packError(`${name} holds another attachment`);
    found.set(attachment.digest, attachment);
  }
  return found;
}

/** Verifies that the server's evidence key signed every file of the pack. @throws `tlog.*`, `evidence.pack` */
export async function verifySignature(
  { facts, files }: OpenedPack,
  evidenceKey: string,
): Promise<void> {
  const { text } = await verifyNote(utf8Text(fileOf(files, SIGNATURE)), [evidenceKey]);
  if (text !== signedText(facts, files)) throw packError('its signature is over other files');
}

/** A file of the pack. @throws `evidence.pack` where it is missing */
export function fileOf(files: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const file = files.get(name);
  if (file === undefined) throw packError(`${name} is missing`);
  return file;
}

function signedText(facts: PackFacts, files: ReadonlyMap<string, Uint8Array>): string {
  const list = [...files]
    .filter(([name]) => name !== SIGNATURE)
    .map(([name, bytes]) => ({ name, sha256: hex(sha256(bytes)) }));
  list.sort((a, b) => (a.name < b.name ? -1 : 1));
  return `${VERSION}\n${facts.organisation}\n${facts.emergency}\n${digestOf(list)}\n`;
}

function packError(what: string): HalliganError {
  return new HalliganError(
    'evidence.pack',
    `This evidence pack is refused: ${what}.`,
    'Ask the organisation for the pack again.',
  );
}
