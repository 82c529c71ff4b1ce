import { base64, concat, fromBase64, fromHex, HalliganError, hex, utf8 } from '@halligan/format';
import {
  isKeyName,
  type NoteSigner,
  noteSigner,
  parseVerifierKey,
  type VerifierKey,
} from './note-key.ts';
import { typeOf, verifyText } from './signature-type.ts';

/** Most bytes of a note, as UTF-8. */
const MAX_NOTE_SIZE = 1_000_000;
/** Most signatures of a note: each known one costs a verification. C2SP asks for 16 at least. */
const MAX_SIGNATURES = 100;

/** A line under a note, not verified. `keyId` is 8 lower-case hexadecimal digits; what `signature` holds depends on the key. */
export type NoteSignature = {
  readonly name: string;
  readonly keyId: string;
  readonly signature: Uint8Array;
};

/** A note taken apart, nothing of it verified. `text` ends in a newline. */
export type Note = { readonly text: string; readonly signatures: readonly NoteSignature[] };

/** A note that at least one of the given keys has signed; `signatures` names those keys, `key` being the verifier key's text, and says when a cosigner saw it, in POSIX seconds. */
export type VerifiedNote = {
  readonly text: string;
  readonly signatures: readonly {
    readonly name: string;
    readonly keyId: string;
    readonly key: string;
    readonly time?: number;
  }[];
};

/**
 * Takes a signed note apart (C2SP signed-note 1.0) without verifying it: for tools that pass notes on. To rely on
 * a note, use {@link verifyNote}. Attacker-controlled: at most 1,000,000 bytes and 100 signatures, no control
 * characters but newlines, one spelling (what parses is byte for byte what {@link formatNote} writes).
 * @throws `tlog.note-syntax`
 */
export function parseNote(note: string): Note {
  requireNoteText(note);
  // The text itself may hold empty lines: the signatures come after the last one.
  const split = note.lastIndexOf('\n\n');
  if (split === -1) throw noteSyntax('no empty line sets its signatures apart');
  if (split + 2 === note.length) throw noteSyntax('it has no signature');
  if (!note.endsWith('\n')) throw noteSyntax('it ends in the middle of a line');
  const lines = note.slice(split + 2, -1).split('\n', MAX_SIGNATURES + 1);
  if (lines.length > MAX_SIGNATURES) throw noteSyntax('it has too many signatures');
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignature) };
}

/** Writes a note: the text, an empty line, a line for each signature. @throws `tlog.note-syntax` where it could not be parsed again */
export function formatNote({ text, signatures }: Note): string {
  requireBody(text);
  if (signatures.length === 0) throw noteSyntax('it has no signature');
  if (signatures.length > MAX_SIGNATURES) throw noteSyntax('it has too many signatures');
  const note = `${text}\n${signatures.map(formatSignature).join('')}`;
  requireNoteText(note);
  return note;
}

/**
 * Verifies a note against the keys that the caller trusts. Signatures by other keys are ignored, even under a
 * known name; a known key whose signature is wrong refutes the note whatever else is under it (C2SP signed-note,
 * "Signatures"). Says who signed, not how many had to: count `signatures` where a quorum matters.
 * @throws `tlog.note-unverified` where no known key signed or one signed something else, `tlog.note-syntax`, `tlog.key-syntax`
 */
export async function verifyNote(
  note: string,
  verifierKeys: readonly string[],
): Promise<VerifiedNote> {
  const verified = await verifySignatures(note, verifierKeys);
  if (verified.signatures.length === 0)
    throw unverified('no key that is trusted here has signed it');
  return verified;
}

/**
 * As {@link verifyNote}, but a note that none of the keys has signed is no error: for whoever counts.
 * @throws `tlog.note-unverified` where one of the keys signed something else, `tlog.note-syntax`, `tlog.key-syntax`
 */
export async function verifySignatures(
  note: string,
  verifierKeys: readonly string[],
): Promise<VerifiedNote> {
  const known = knownKeys(verifierKeys);
  const { text, signatures } = parseNote(note);
  const verified = new Map<VerifierKey, { readonly time?: number }>();
  for (const { name, keyId, signature } of signatures) {
    const key = known.get(identity(name, keyId));
    if (key === undefined) continue;
    const said = await verifyText(typeOf(key.type), key, text, signature);
    if (said === undefined) throw unverified(`the signature by ${name} is not over this text`);
    verified.set(key, said);
  }
  return {
    text,
    signatures: [...verified].map(([{ name, keyId, key }, said]) => ({
      name,
      keyId,
      key,
      ...said,
    })),
  };
}

/**
 * Signs a text with each of the keys, in their order. What a log signs it must never contradict: keep the last
 * signed checkpoint before calling this.
 * @param text ends in a newline
 * @param signers signer keys, or opened ones ({@link noteSigner}) where many notes are signed
 * @throws `tlog.note-syntax`, `tlog.key-syntax`
 */
export async function signNote(
  text: string,
  signers: string | NoteSigner | readonly (string | NoteSigner)[],
): Promise<string> {
  requireBody(text);
  const message = utf8(text);
  const opened = await Promise.all(
    (isList(signers) ? [...signers] : [signers]).map((signer) =>
      typeof signer === 'string' ? noteSigner(signer) : signer,
    ),
  );
  const signatures = await Promise.all(
    opened.map(async ({ name, keyId, sign }) => ({ name, keyId, signature: await sign(message) })),
  );
  return formatNote({ text, signatures });
}

/**
 * What notes and their texts have in common. Text that is not well-formed has no UTF-8, so two readers could
 * verify two texts; control characters could hide lines from whoever looks at a note in a terminal.
 * @throws `tlog.note-syntax`
 */
function requireNoteText(text: string): void {
  if (isTooLong(text)) throw noteSyntax('it is larger than 1 MB');
  if (!text.isWellFormed()) throw noteSyntax('it is not well-formed Unicode');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is being refused.
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) throw noteSyntax('it holds a control character');
}

/** UTF-8 has one to three bytes for each unit of UTF-16: only a text between the two is encoded to be measured. */
function isTooLong(text: string): boolean {
  if (text.length > MAX_NOTE_SIZE) return true;
  return 3 * text.length > MAX_NOTE_SIZE && utf8(text).length > MAX_NOTE_SIZE;
}

/** The text of a note to be. @throws `tlog.note-syntax` */
function requireBody(text: string): void {
  requireNoteText(text);
  if (!text.endsWith('\n')) throw noteSyntax('its text does not end in a newline');
}

function parseSignature(line: string): NoteSignature {
  const [, name = '', encoded = ''] = /^— ([^ ]+) ([A-Za-z0-9+/=]+)$/.exec(line) ?? [];
  if (!isKeyName(name)) throw noteSyntax('a signature line does not read "— name base64"');
  const bytes = signatureBytes(encoded);
  if (bytes.length < 5) throw noteSyntax('a signature is empty');
  return { name, keyId: hex(bytes.subarray(0, 4)), signature: bytes.slice(4) };
}

function formatSignature({ name, keyId, signature }: NoteSignature): string {
  if (!isKeyName(name) || !/^[0-9a-f]{8}$/.test(keyId) || signature.length === 0) {
    throw noteSyntax('a signature has a wrong name or key id, or is empty');
  }
  return `— ${name} ${base64(concat(fromHex(keyId), signature))}\n`;
}

function signatureBytes(encoded: string): Uint8Array {
  try {
    return fromBase64(encoded);
  } catch (cause) {
    throw noteSyntax('a signature is not base64', { cause });
  }
}

/** The keys by what identifies them in a note. @throws `tlog.key-syntax` where one name and id stand for two keys */
function knownKeys(verifierKeys: readonly string[]): ReadonlyMap<string, VerifierKey> {
  const known = new Map<string, VerifierKey>();
  for (const text of verifierKeys) {
    const key = parseVerifierKey(text);
    const other = known.get(identity(key.name, key.keyId));
    if (other !== undefined && other.key !== key.key) {
      throw new HalliganError(
        'tlog.key-syntax',
        `Two of the trusted keys are called ${key.name} and have the same id.`,
        'Have one of the two made again.',
      );
    }
    known.set(identity(key.name, key.keyId), key);
  }
  return known;
}

/** A name holds no plus, so that two different pairs never make one text. */
function identity(name: string, keyId: string): string {
  return `${name}+${keyId}`;
}

function isList(
  signers: string | NoteSigner | readonly (string | NoteSigner)[],
): signers is readonly (string | NoteSigner)[] {
  return Array.isArray(signers);
}

function noteSyntax(why: string, options?: { readonly cause?: unknown }): HalliganError {
  return new HalliganError(
    'tlog.note-syntax',
    `This is not a signed note: ${why}.`,
    'Fetch the note again, as a file: copying and pasting changes spaces and dashes.',
    options,
  );
}

function unverified(why: string): HalliganError {
  return new HalliganError(
    'tlog.note-unverified',
    `This note must be ignored: ${why}.`,
    'Compare the verifier key with the one that the log gave you; if it is the same, keep the note as evidence.',
  );
}
