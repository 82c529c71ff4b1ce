import { concat, HalliganError, sameBytes, sha256, sha512, utf8 } from '@halligan/format';
import {
  blobOfPublicKey,
  ED25519,
  type PublicKey,
  parsePublicKey,
  publicKeyOfBlob,
} from './public-key.ts';
import { type KeySignature, readKeySignature, verifyKeySignature } from './security-key.ts';
import { armor, dearmor } from './ssh-armor.ts';
import { importSigningKey, type Signer, type SigningKey } from './ssh-key.ts';
import { SshReader, sshString, sshUint32 } from './ssh-wire.ts';

const MAGIC = utf8('SSHSIG');
const VERSION = 1;
const HASHES = { sha256, sha512 };
type Hash = keyof typeof HASHES;
const BLOB_LIMIT = 4096;
const NAMESPACE = /^[\x21-\x7e]{1,255}$/;

/** What a signature blob says of itself, before anything is verified. */
export interface SshSignature extends KeySignature {
  /** OpenSSH line of the key that it claims. */
  readonly publicKey: string;
  readonly key: PublicKey;
  readonly namespace: string;
  readonly hash: Hash;
}

/**
 * Signs as `ssh-keygen -Y sign` does (OpenSSH PROTOCOL.sshsig), with SHA-512. What a key elsewhere answers is verified
 * first: an agent is another program, and a token may not have asked for touch and PIN.
 * @param namespace 1 to 255 printable ASCII characters: a signature made for one purpose is none for another
 * @returns the raw blob; {@link armorSignature} makes it a `.sig` file
 * @throws `statement.namespace`, `statement.key`; for a key elsewhere also what {@link verifySsh} throws
 */
export async function signSsh(
  message: Uint8Array,
  namespace: string,
  key: Signer,
): Promise<Uint8Array> {
  requireNamespace(namespace);
  const snapshot = message.slice();
  const signed = signedData(snapshot, namespace, 'sha512');
  const signature = 'seed' in key ? await signHere(key, signed) : await key.signData(signed);
  const blob = concat(
    MAGIC,
    sshUint32(VERSION),
    sshString(blobOfPublicKey(parsePublicKey(key.publicKey))),
    sshString(namespace),
    sshString(''),
    sshString('sha512'),
    sshString(signature),
  );
  if (!('seed' in key))
    await verifySsh({ message: snapshot, namespace, signature: blob, publicKey: key.publicKey });
  return blob;
}

async function signHere(key: SigningKey, data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const signature = await crypto.subtle.sign('Ed25519', await importSigningKey(key), data);
  return concat(sshString(ED25519), sshString(new Uint8Array(signature)));
}

/**
 * Verifies an SSHSIG blob, which an attacker may have written: the namespace and the key must be exactly those
 * asked for; the key that the blob carries is never trusted.
 * @param publicKey OpenSSH line of the only key that may have signed
 * @throws `statement.signature` where it does not verify, `statement.signature-format`, `statement.namespace`,
 *   `statement.key-type`, `statement.key`; for a token's key `statement.presence` and `statement.user-verification`
 */
export async function verifySsh(asked: {
  readonly message: Uint8Array;
  readonly namespace: string;
  readonly signature: Uint8Array;
  readonly publicKey: string;
}): Promise<void> {
  const message = asked.message.slice();
  const { namespace } = asked;
  requireNamespace(namespace);
  const { publicKey } = parsePublicKey(asked.publicKey);
  const claim = readSshSignature(asked.signature);
  if (claim.namespace !== namespace) {
    throw new HalliganError(
      'statement.namespace',
      'This signature was made for another purpose.',
      `Sign again with the namespace ${namespace}.`,
    );
  }
  if (claim.publicKey !== publicKey) throw badSignature('another key made it');
  const signed = signedData(message, namespace, claim.hash);
  if (!(await verifyKeySignature(claim.key, signed, claim))) {
    throw badSignature('it does not fit what was signed');
  }
}

/**
 * Takes a blob apart without verifying it. Shares nothing with its input.
 * @throws `statement.signature-format`, `statement.key-type`, `statement.key`
 */
export function readSshSignature(blob: Uint8Array): SshSignature {
  if (blob.length > BLOB_LIMIT) throw malformed('it is too long');
  const reader = new SshReader(blob, malformed);
  if (!sameBytes(reader.take(MAGIC.length), MAGIC))
    throw malformed('it does not start with SSHSIG');
  if (reader.uint32() !== VERSION) throw malformed('it is of another version');
  const key = publicKeyOfBlob(reader.string());
  const namespace = reader.name();
  if (namespace === '') throw malformed('its namespace is empty');
  if (reader.string().length > 0) throw malformed('its reserved field is not empty');
  const hash = reader.name();
  if (hash !== 'sha512' && hash !== 'sha256')
    throw malformed('its hash is neither sha512 nor sha256');
  const signature = readKeySignature(reader.string(), key, malformed);
  reader.end();
  return { publicKey: key.publicKey, key, namespace, hash, ...signature };
}

const BEGIN = '-----BEGIN SSH SIGNATURE-----';
const END = '-----END SSH SIGNATURE-----';

/** The `.sig` file of a blob: base64 in lines of 70 characters. */
export function armorSignature(blob: Uint8Array): string {
  return armor(blob, BEGIN, END);
}

/**
 * The blob of a `.sig` file. Line ends of any system and white space around the armor are allowed, nothing else.
 * @throws `statement.signature-format`
 */
export function dearmorSignature(text: string): Uint8Array {
  const blob = text.length > 2 * BLOB_LIMIT ? undefined : dearmor(text, BEGIN, END);
  if (blob === undefined) throw malformed('it is not an armored SSH signature');
  return blob;
}

/** What is signed in the place of a message: its digest, and for what (OpenSSH PROTOCOL.sshsig, section 3). */
function signedData(message: Uint8Array, namespace: string, hash: Hash): Uint8Array<ArrayBuffer> {
  return concat(
    MAGIC,
    sshString(namespace),
    sshString(''),
    sshString(hash),
    sshString(HASHES[hash](message)),
  ).slice();
}

function requireNamespace(namespace: string): void {
  if (NAMESPACE.test(namespace)) return;
  throw new HalliganError(
    'statement.namespace',
    'This namespace cannot be signed for.',
    'A namespace is 1 to 255 printable ASCII characters without spaces.',
  );
}

/** The signature is one, but not the one that was asked for. */
export function badSignature(why: string): HalliganError {
  return new HalliganError(
    'statement.signature',
    `This signature does not verify: ${why}.`,
    'Do not act on it. Ask the signer, by voice, whether and with which key they signed.',
  );
}

function malformed(why: string): HalliganError {
  return new HalliganError(
    'statement.signature-format',
    `This signature is refused: ${why}.`,
    'It was damaged or altered, or made by another program: sign again.',
  );
}
