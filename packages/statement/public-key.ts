import { base64, concat, fromBase64, HalliganError, hex } from '@halligan/format';
import { SshReader, sshString } from './ssh-wire.ts';

export const ED25519 = 'ssh-ed25519';
export const SK_ED25519 = 'sk-ssh-ed25519@openssh.com';
export const SK_ECDSA = 'sk-ecdsa-sha2-nistp256@openssh.com';

const CURVE = 'nistp256';
/** What a token scopes its keys by. OpenSSH's begin so; a key for a web site must not sign here. */
const APPLICATION = /^ssh:[\x21-\x7e]{0,60}$/;
/** Type, base64, and a comment that is dropped; one line. */
const PUBLIC_KEY_LINE = /^[ \t]*([!-~]+)[ \t]+([A-Za-z0-9+/=]+)(?:[ \t][^\r\n]*)?[\r\n]*$/;

/**
 * A public key that may sign: Ed25519 in software (`bytes` are the 32 of RFC 8709), or a FIDO key on a token
 * (OpenSSH PROTOCOL.u2f): Ed25519 (32 bytes) or ECDSA over P-256 (65 bytes, an uncompressed point).
 */
export type PublicKey =
  | { readonly type: typeof ED25519; readonly publicKey: string; readonly bytes: Uint8Array }
  | SecurityKey;

/** A key that never leaves its token. */
export interface SecurityKey {
  readonly type: typeof SK_ED25519 | typeof SK_ECDSA;
  /** The line as this room keeps it: type and base64, no comment, no line end. */
  readonly publicKey: string;
  readonly bytes: Uint8Array;
  /** `ssh:` and what its owner called it. */
  readonly application: string;
}

/**
 * Reads an OpenSSH public key line, such as a `.pub` file holds. A comment is dropped.
 * @throws `statement.key`; `statement.key-type` for any other kind of key
 */
export function parsePublicKey(line: string): PublicKey {
  const [, type = '', encoded = ''] =
    (line.length > 2000 ? null : PUBLIC_KEY_LINE.exec(line)) ?? [];
  if (encoded === '') throw badKey('it is not an OpenSSH public key line');
  requireKeyType(type);
  const key = publicKeyOfBlob(decoded(encoded));
  if (key.type !== type) throw badKey('it is of another type than it says');
  return key;
}

/** Whether a line is a public key exactly as this room writes it: one key, one spelling. */
export function isPublicKeyLine(line: string): boolean {
  try {
    return parsePublicKey(line).publicKey === line;
  } catch {
    return false;
  }
}

/** The OpenSSH line of an Ed25519 public key of 32 bytes (RFC 8709 section 4), without comment. */
export function formatPublicKey(bytes: Uint8Array): string {
  return lineOf(ED25519, concat(sshString(ED25519), sshString(bytes)));
}

/** The wire form of a key (RFC 8709 section 4, OpenSSH PROTOCOL.u2f), as signatures and agents carry it. */
export function blobOfPublicKey(key: PublicKey): Uint8Array {
  if (key.type === ED25519) return concat(sshString(key.type), sshString(key.bytes));
  const curve = key.type === SK_ECDSA ? [sshString(CURVE)] : [];
  return concat(sshString(key.type), ...curve, sshString(key.bytes), sshString(key.application));
}

/**
 * The key of a wire form that an attacker may have written. Ed25519 points of small order are refused: under them a
 * signature can be made that fits every message, so their owner could disown all that was signed.
 * @throws `statement.key`, `statement.key-type`
 */
export function publicKeyOfBlob(blob: Uint8Array): PublicKey {
  const reader = new SshReader(blob, badKey);
  const type = requireKeyType(reader.name());
  if (type === SK_ECDSA && reader.name() !== CURVE) throw badKey('it is of another curve');
  const bytes = reader.string().slice();
  if (type === SK_ECDSA) requirePoint(bytes);
  else requireSound(bytes);
  if (type === ED25519) {
    reader.end();
    return { type, publicKey: lineOf(type, blob), bytes };
  }
  const application = reader.name();
  reader.end();
  if (!APPLICATION.test(application))
    throw badKey('it is a token’s key, but not one made for signing (its application is not ssh:)');
  return { type, publicKey: lineOf(type, blob), bytes, application };
}

function lineOf(type: string, blob: Uint8Array): string {
  return `${type} ${base64(blob)}`;
}

/** @throws `statement.key-type` */
export function requireKeyType(type: string): PublicKey['type'] {
  if (type === ED25519 || type === SK_ED25519 || type === SK_ECDSA) return type;
  throw new HalliganError(
    'statement.key-type',
    'Only Ed25519 keys and keys on a security token are accepted.',
    'Make a key with: ssh-keygen -t ed25519-sk -O verify-required',
  );
}

/** For what only a key in software can be, such as a private key file. @throws `statement.key-type` */
export function requireEd25519(type: string): void {
  if (requireKeyType(type) === ED25519) return;
  throw new HalliganError(
    'statement.key-type',
    'This file only points to a key on a security token.',
    'Load it into ssh-agent (ssh-add FILE), and use it from there: --agent-key FILE.pub',
  );
}

/** Uncompressed, and of the right length; that it lies on the curve is checked where it is imported. */
function requirePoint(bytes: Uint8Array): void {
  if (bytes.length !== 65 || bytes[0] !== 4) throw badKey('it is not a point of 65 bytes');
}

function requireSound(bytes: Uint8Array): void {
  if (bytes.length !== 32) throw badKey('it has not 32 bytes');
  if (isWeak(bytes)) throw badKey('it is a weak point of the curve');
}

/** A public key for WebCrypto, remembered by its line. @throws `statement.key` */
export function importPublicKey(key: PublicKey): Promise<CryptoKey> {
  const known = imported.get(key.publicKey);
  if (known !== undefined) return known;
  const importing = importBytes(key);
  if (imported.size >= 1024) imported.clear();
  imported.set(key.publicKey, importing);
  return importing;
}

const imported = new Map<string, Promise<CryptoKey>>();

async function importBytes({ type, bytes }: PublicKey): Promise<CryptoKey> {
  const algorithm = type === SK_ECDSA ? { name: 'ECDSA', namedCurve: 'P-256' } : 'Ed25519';
  try {
    return await crypto.subtle.importKey('raw', bytes.slice(), algorithm, true, ['verify']);
  } catch (cause) {
    throw new HalliganError('statement.key', NOT_A_KEY, KEY_HINT, { cause });
  }
}

/** y coordinates of the points whose order divides 8; the other sign of x is covered by masking its bit. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

/** Small order, or a y coordinate that is not reduced (a second spelling of another point). */
function isWeak(bytes: Uint8Array): boolean {
  const y = bytes.slice();
  y[31] = (y[31] ?? 0) & 0x7f;
  const unreduced =
    (y[0] ?? 0) >= 0xed && y[31] === 0x7f && y.subarray(1, 31).every((byte) => byte === 0xff);
  return unreduced || SMALL_ORDER.has(hex(y));
}

function decoded(encoded: string): Uint8Array {
  try {
    return fromBase64(encoded);
  } catch (cause) {
    throw new HalliganError('statement.key', NOT_A_KEY, KEY_HINT, { cause });
  }
}

const NOT_A_KEY = 'This key is refused: it is not an OpenSSH key.';
const KEY_HINT =
  'Copy the key again, whole; a public key is one line that starts with ssh-ed25519 or sk-.';

/** Never carries the key's bytes. */
export function badKey(why: string): HalliganError {
  return new HalliganError('statement.key', `This key is refused: ${why}.`, KEY_HINT);
}
