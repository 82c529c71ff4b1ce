import { base64, concat, fromBase64, HalliganError, hex, utf8 } from '@halligan/format';
import { platformRandom, type RandomBytes } from './fields.ts';
import { SshReader, sshString } from './ssh-wire.ts';

export const ED25519 = 'ssh-ed25519';
const PKCS8_PREFIX = Uint8Array.fromHex('302e020100300506032b657004220420');
/** Type, base64, and a comment that is dropped; one line. */
const PUBLIC_KEY_LINE = /^[ \t]*([!-~]+)[ \t]+([A-Za-z0-9+/=]+)(?:[ \t][^\r\n]*)?[\r\n]*$/;
const POSSESSION = utf8('halligan/key-pair/v1').slice();

/**
 * An Ed25519 key that signs (RFC 8032). `publicKey` is one OpenSSH line `ssh-ed25519 AAAA…` without comment;
 * `seed` is the 32 secret bytes, in plain: keep them wrapped wherever they rest.
 */
export interface SigningKey {
  readonly publicKey: string;
  readonly seed: Uint8Array;
}

/** Makes a new signing key. @param random for tests; 32 bytes are taken */
export async function generateSigningKey(
  random: RandomBytes = platformRandom,
): Promise<SigningKey> {
  return signingKeyOf(random(32));
}

/**
 * The signing key of a 32-byte seed.
 * @throws `statement.key` for another length
 */
export async function signingKeyOf(seed: Uint8Array): Promise<SigningKey> {
  const own = seed.slice();
  const key = await privateKeyOf(own, true);
  // WebCrypto derives a public key only by way of a JWK, whose strings hold the seed until they are collected.
  const { x } = await crypto.subtle.exportKey('jwk', key);
  if (x === undefined) throw badKey('the platform does not derive its public half');
  const bytes = Uint8Array.fromBase64(x, { alphabet: 'base64url' });
  return { publicKey: formatPublicKey(bytes), seed: own };
}

/** The OpenSSH line of an Ed25519 public key of 32 bytes (RFC 8709 section 4), without comment. */
export function formatPublicKey(bytes: Uint8Array): string {
  return `${ED25519} ${base64(concat(sshString(ED25519), sshString(bytes)))}`;
}

/**
 * Reads an OpenSSH public key line, such as a `.pub` file holds. A comment is dropped.
 * @returns the line as this room keeps it (no comment, no line end) and the 32 bytes of the key
 * @throws `statement.key`; `statement.key-type` for anything but Ed25519
 */
export function parsePublicKey(line: string): {
  readonly publicKey: string;
  readonly bytes: Uint8Array;
} {
  const [, type = '', encoded = ''] =
    (line.length > 2000 ? null : PUBLIC_KEY_LINE.exec(line)) ?? [];
  if (encoded === '') throw badKey('it is not an OpenSSH public key line');
  requireEd25519(type);
  const bytes = publicKeyOfBlob(decoded(encoded));
  return { publicKey: formatPublicKey(bytes), bytes };
}

/** Whether a line is a public key exactly as this room writes it: one key, one spelling. */
export function isPublicKeyLine(line: string): boolean {
  try {
    return parsePublicKey(line).publicKey === line;
  } catch {
    return false;
  }
}

/**
 * The 32 bytes of a public key blob (RFC 8709 section 4). Points of small order are refused: under them a
 * signature can be made that fits every message, so their owner could disown all that was signed.
 * @throws `statement.key`, `statement.key-type`
 */
export function publicKeyOfBlob(blob: Uint8Array): Uint8Array {
  const reader = new SshReader(blob, badKey);
  requireEd25519(reader.name());
  const bytes = reader.string().slice();
  reader.end();
  if (bytes.length !== 32) throw badKey('it has not 32 bytes');
  if (isWeak(bytes)) throw badKey('it is a weak point of the curve');
  return bytes;
}

/** @throws `statement.key-type` */
export function requireEd25519(type: string): void {
  if (type === ED25519) return;
  throw new HalliganError(
    'statement.key-type',
    type.startsWith('sk-')
      ? 'Keys on a security token (sk-…) are not accepted yet.'
      : 'Only Ed25519 keys are accepted.',
    'Make a key with: ssh-keygen -t ed25519',
  );
}

/** A key for WebCrypto, and proof that its two halves belong together. Kept for as long as the key object lives. */
export function importSigningKey(key: SigningKey): Promise<CryptoKey> {
  const known = privateKeys.get(key);
  if (known !== undefined) return known;
  const imported = importPair(key.seed.slice(), parsePublicKey(key.publicKey).bytes);
  privateKeys.set(key, imported);
  return imported;
}

/** A public key for WebCrypto, remembered by its line. */
export function importPublicKey(publicKey: string): Promise<CryptoKey> {
  const known = publicKeys.get(publicKey);
  if (known !== undefined) return known;
  const imported = importPublic(parsePublicKey(publicKey).bytes);
  if (publicKeys.size >= 1024) publicKeys.clear();
  publicKeys.set(publicKey, imported);
  return imported;
}

const privateKeys = new WeakMap<SigningKey, Promise<CryptoKey>>();
const publicKeys = new Map<string, Promise<CryptoKey>>();

async function importPair(seed: Uint8Array, publicBytes: Uint8Array): Promise<CryptoKey> {
  const signing = await privateKeyOf(seed, false);
  const verifying = await importPublic(publicBytes);
  const proof = await crypto.subtle.sign('Ed25519', signing, POSSESSION);
  if (!(await crypto.subtle.verify('Ed25519', verifying, proof, POSSESSION))) {
    throw badKey('its public half belongs to another key');
  }
  return signing;
}

async function privateKeyOf(seed: Uint8Array, extractable: boolean): Promise<CryptoKey> {
  if (seed.length !== 32) throw badKey('its seed has not 32 bytes');
  const pkcs8 = concat(PKCS8_PREFIX, seed).slice();
  return crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', extractable, ['sign']);
}

async function importPublic(bytes: Uint8Array): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('raw', bytes.slice(), 'Ed25519', true, ['verify']);
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
  'Copy the key again, whole; a public key is one line that starts with ssh-ed25519.';

/** Never carries the key's bytes. */
export function badKey(why: string): HalliganError {
  return new HalliganError('statement.key', `This key is refused: ${why}.`, KEY_HINT);
}
