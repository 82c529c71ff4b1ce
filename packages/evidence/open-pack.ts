import {
  digestOf,
  fromBase64,
  HalliganError,
  hex,
  openContainer,
  parseCanonical,
  sha256,
  utf8Text,
} from '@halligan/format';
import { verifyNote } from '@halligan/tlog';
import { z } from 'zod';
import { type Transcript, transcriptOf } from './transcript.ts';

export const PACK_VERSION = 'halligan/evidence/v1';
export const SIGNATURE = 'signature.note';
const TRANSCRIPT_LIMIT = 256 << 20;

const packSchema = z.strictObject({
  v: z.literal(PACK_VERSION),
  organisation: z.string().max(63),
  emergency: z.string().regex(/^[0-9a-f]{64}$/),
  account: z.string().max(63),
  drill: z.boolean(),
  /** See `REPORT_VERSION`. */
  report: z.string().regex(/^halligan\/report\/v[1-9]\d{0,3}$/),
  /** What printed report.pdf; without it there is none. See `Printer`. */
  paper: z
    .string()
    .regex(/^[a-z0-9/.-]{1,63}$/)
    .exactOptional(),
});

/** pack.json: what the pack says that it is of. */
export type PackFacts = z.infer<typeof packSchema>;

/** A pack that was opened: its form was checked, not yet what it claims. */
export interface OpenedPack {
  readonly facts: PackFacts;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly transcript: Transcript;
  /** The log that the pack's own genesis names: only what the pack says, until anchors are compared. */
  readonly claimedLog: { readonly origin: string; readonly logKey: string };
}

/** Opens a pack. @throws `format.*`, `evidence.pack`, `evidence.transcript`, `evidence.genesis` */
export function openPack(bytes: Uint8Array): OpenedPack {
  const { files } = openContainer('evidence', bytes);
  const facts = packSchema.safeParse(parseCanonical(fileOf(files, 'pack.json')));
  if (!facts.success) throw packError('pack.json has a form that this version does not know');
  const transcript = transcriptOf(
    parseCanonical(fileOf(files, 'transcript.json'), TRANSCRIPT_LIMIT),
  );
  return { facts: facts.data, files, transcript, claimedLog: claimedLog(transcript) };
}

const genesisEntry = z.object({
  input: z.object({
    document: z.object({ change: z.object({ origin: z.string(), logKey: z.string() }) }),
  }),
});

function claimedLog({ entries }: Transcript): OpenedPack['claimedLog'] {
  const [first] = entries;
  const parsed = genesisEntry.safeParse(
    first === undefined ? undefined : parseCanonical(fromBase64(first.bytes), 65_535),
  );
  if (parsed.success) return parsed.data.input.document.change;
  throw new HalliganError(
    'evidence.genesis',
    'The record does not begin with a genesis.',
    'It is incomplete.',
  );
}

/** Verifies that the server's evidence key signed every file of the pack. @throws `tlog.*`, `evidence.pack` */
export async function verifySignature(
  { facts, files }: OpenedPack,
  evidenceKey: string,
): Promise<void> {
  const { text } = await verifyNote(utf8Text(fileOf(files, SIGNATURE)), [evidenceKey]);
  if (text !== signedText(facts, files)) throw packError('its signature is over other files');
}

/** What the evidence key signs: what the pack is of, and the digest of every file but the signature. */
export function signedText(facts: PackFacts, files: ReadonlyMap<string, Uint8Array>): string {
  const list = [...files]
    .filter(([name]) => name !== SIGNATURE)
    .map(([name, bytes]) => ({ name, sha256: hex(sha256(bytes)) }));
  list.sort((a, b) => (a.name < b.name ? -1 : 1));
  return `${PACK_VERSION}\n${facts.organisation}\n${facts.emergency}\n${digestOf(list)}\n`;
}

/** A file of the pack. @throws `evidence.pack` where it is missing */
export function fileOf(files: ReadonlyMap<string, Uint8Array>, name: string): Uint8Array {
  const file = files.get(name);
  if (file === undefined) throw packError(`${name} is missing`);
  return file;
}

export function packError(what: string): HalliganError {
  return new HalliganError(
    'evidence.pack',
    `This evidence pack is refused: ${what}.`,
    'Ask the organisation for the pack again.',
  );
}
