import { base64, concat, fromBase64, HalliganError, hex, sha256, utf8 } from '@halligan/format';
import type { Sign } from './ed25519.ts';
import { type NoteKeyType, signText, typeOf, typeOfByte } from './signature-type.ts';

/** Longest name of a key. */
const MAX_NAME_LENGTH = 1024;
/** Longest key text accepted: a name, 8 hexadecimal digits, 1752 characters of base64. */
const MAX_KEY_LENGTH = MAX_NAME_LENGTH + 10 + 1752;

const KEY = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/;
const SIGNER_PREFIX = 'PRIVATE+KEY+';

/** A key that verifies notes. `keyId` is 8 lower-case hexadecimal digits, `publicKey` 32 bytes or 1312 of ML-DSA-44, `key` the text it was parsed from. */
export type VerifierKey = {
  readonly type: NoteKeyType;
  readonly name: string;
  readonly keyId: string;
  readonly publicKey: Uint8Array;
  readonly key: string;
};

/** Something that signs notes under a name. `verifier` is the matching verifier key; `sign` takes the note's text as UTF-8 and gives what stands in a signature line after the key id. */
export type NoteSigner = {
  readonly type: NoteKeyType;
  readonly name: string;
  readonly keyId: string;
  readonly verifier: string;
  readonly sign: Sign;
};

/**
 * Whether a text may name a key: not empty, no plus, no Unicode space, nothing that a note cannot carry. A name may
 * look like another's; only the key id and the key bind it.
 */
export function isKeyName(name: string): boolean {
  return (
    name.length <= MAX_NAME_LENGTH &&
    name.isWellFormed() &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is being refused.
    /^[^+\p{White_Space}\u0000-\u001f]+$/u.test(name)
  );
}

/**
 * Parses `<name>+<key id>+<base64(type ‖ public key)>` (C2SP signed-note, "Verifier keys"): Ed25519 (0x01), Ed25519
 * cosignatures (0x04), ML-DSA-44 (0x06).
 * @throws `tlog.key-syntax`, also where the key id is not that of name and key: a mistyped key never goes unnoticed
 */
export function parseVerifierKey(text: string): VerifierKey {
  const { type, name, keyId, material: publicKey } = parseKey(text, 'verifier key');
  if (keyId !== keyIdOf(type, name, publicKey)) {
    throw keySyntax('verifier key', 'its id does not belong to its name and key');
  }
  return { type, name, keyId, publicKey, key: text };
}

/**
 * Opens a signer key, `PRIVATE+KEY+<name>+<key id>+<base64(type ‖ 32-byte seed)>`, once, for many signatures.
 * @param now POSIX seconds, for the types that say when they signed
 * @throws `tlog.key-syntax`; the key's bytes are never in the message
 */
export async function noteSigner(
  signerKey: string,
  now: () => number = () => Math.floor(Date.now() / 1000),
): Promise<NoteSigner> {
  if (!signerKey.startsWith(SIGNER_PREFIX)) throw keySyntax('signer key', 'it is not one');
  const text = signerKey.slice(SIGNER_PREFIX.length);
  const { type, name, keyId, material } = parseKey(text, 'signer key');
  const { publicKey, sign } = await typeOf(type).open(material);
  if (keyId !== keyIdOf(type, name, publicKey)) {
    throw keySyntax('signer key', 'its id does not belong to its name and key');
  }
  return {
    type,
    name,
    keyId,
    verifier: formatKey(type, name, publicKey, keyId),
    sign: (message) => signText(typeOf(type), name, message, sign, now),
  };
}

/** The verifier key of a signer key. @throws `tlog.key-syntax` */
export async function verifierOf(signerKey: string): Promise<string> {
  return (await noteSigner(signerKey)).verifier;
}

/**
 * Makes a key to sign notes with. `signer` is a secret: it goes into a file that only the log can read.
 * @param name by convention the log's origin, a URL without scheme
 * @param type Ed25519 by default
 * @param random gives that many random bytes; the platform's by default
 * @throws `tlog.key-syntax` where the name cannot name a key
 */
export async function generateNoteKey(
  name: string,
  type: NoteKeyType = 'ed25519',
  random: (size: number) => Uint8Array = (size) => crypto.getRandomValues(new Uint8Array(size)),
): Promise<{ readonly signer: string; readonly verifier: string }> {
  if (!isKeyName(name)) throw keySyntax('name', 'it is empty or holds a space or a plus');
  const seed = random(32);
  const { publicKey } = await typeOf(type).open(seed);
  const keyId = keyIdOf(type, name, publicKey);
  return {
    signer: `${SIGNER_PREFIX}${formatKey(type, name, seed, keyId)}`,
    verifier: formatKey(type, name, publicKey, keyId),
  };
}

/** The first four bytes of SHA-256(name ‖ newline ‖ type ‖ public key), as C2SP signed-note recommends. An identifier, no commitment: collisions are cheap. */
function keyIdOf(type: NoteKeyType, name: string, publicKey: Uint8Array): string {
  const digest = sha256(concat(utf8(`${name}\n`), Uint8Array.of(typeOf(type).byte), publicKey));
  return hex(digest.subarray(0, 4));
}

function formatKey(type: NoteKeyType, name: string, material: Uint8Array, keyId: string): string {
  return `${name}+${keyId}+${base64(concat(Uint8Array.of(typeOf(type).byte), material))}`;
}

function parseKey(text: string, what: 'verifier key' | 'signer key') {
  if (text.length > MAX_KEY_LENGTH) throw keySyntax(what, 'it is too long');
  const [, name = '', keyId = '', encoded = ''] = KEY.exec(text) ?? [];
  if (!isKeyName(name)) throw keySyntax(what, 'it does not read name+id+key');
  const bytes = keyBytes(encoded, what);
  const known = typeOfByte(bytes[0]);
  const size = what === 'signer key' ? 32 : known?.keySize;
  if (known === undefined || bytes.length - 1 !== size) {
    throw keySyntax(what, 'it is of no type that is known here (1, 4 or 6)');
  }
  return { type: known.type, name, keyId, material: bytes.subarray(1) };
}

function keyBytes(encoded: string, what: string): Uint8Array {
  try {
    return fromBase64(encoded);
  } catch {
    // Without the cause: the text may be a secret.
    throw keySyntax(what, 'its last part is not base64');
  }
}

function keySyntax(what: string, why: string): HalliganError {
  return new HalliganError(
    'tlog.key-syntax',
    `This ${what} is refused: ${why}.`,
    'Copy the whole line, as it was made.',
  );
}
