/**
 * age's hybrid recipients (C2SP age, "the hybrid ML-KEM-768 + X25519 recipient type") by the platform's own ML-KEM and
 * X25519. In JavaScript one of them takes some 70 ms in a process that has just started, and a kit has many readers.
 * What is read and written is what the library reads and writes; of a file the library makes everything else.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  decapsulate,
  diffieHellman,
  encapsulate,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { concat, HalliganError, utf8 } from '@halligan/format';
import { type Identity, type Recipient, Stanza } from 'age-encryption';
import { decodeBech32, encodeBech32 } from './bech32.ts';

const KIND = 'mlkem768x25519';
const INFO = utf8('age-encryption.org/mlkem768x25519');
const XWING = utf8('\\.//^\\');
/** HPKE's (RFC 9180) name of this KEM with HKDF-SHA256 and ChaCha20-Poly1305. */
const SUITE = concat(utf8('HPKE'), new Uint8Array([0x64, 0x7a, 0, 1, 0, 3]));
const MLKEM = { seed: 64, publicKey: 1184, ciphertext: 1088 } as const;
const POINT = 32;
const TAG = 16;
const FILE_KEY = 16;
const NOTHING = new Uint8Array();

/** Who encrypts a file's key to this recipient. @param recipient whose kind was checked */
export function hybridRecipient(recipient: string): Recipient {
  const bytes = decodeBech32(recipient)?.bytes ?? NOTHING;
  return { wrapFileKey: (fileKey) => [wrapped(fileKey, bytes)] };
}

/** Who decrypts a file's key with this identity. @param identity whose kind was checked */
export function hybridIdentity(identity: string): Identity {
  const keys = keysOf(identity);
  return {
    unwrapFileKey: (stanzas) => {
      for (const stanza of stanzas) {
        const fileKey = stanza.args[0] === KIND ? unwrapped(stanza, keys) : null;
        if (fileKey !== null) return fileKey;
      }
      return null;
    },
  };
}

/** The recipient of an identity. @param identity whose kind was checked */
export async function hybridRecipientOf(identity: string): Promise<string> {
  const { mlkem, x25519 } = keysOf(identity);
  return encodeBech32('age1pq', concat(publicBytes(mlkem), publicBytes(x25519)));
}

interface Keys {
  readonly mlkem: KeyObject;
  readonly x25519: KeyObject;
}

/** Both private keys come from one seed of 32 bytes. */
function keysOf(identity: string): Keys {
  const seed = decodeBech32(identity.toLowerCase())?.bytes ?? NOTHING;
  const expanded = createHash('shake256', { outputLength: MLKEM.seed + POINT })
    .update(seed)
    .digest();
  try {
    return {
      mlkem: createPrivateKey({
        key: expanded.subarray(0, MLKEM.seed),
        format: 'raw-seed',
        asymmetricKeyType: 'ml-kem-768',
      }),
      x25519: createPrivateKey({
        key: expanded.subarray(MLKEM.seed),
        format: 'raw-private',
        asymmetricKeyType: 'x25519',
      }),
    };
  } finally {
    seed.fill(0);
    expanded.fill(0);
  }
}

function wrapped(fileKey: Uint8Array, recipient: Uint8Array): Stanza {
  const point = recipient.subarray(MLKEM.publicKey);
  const own = generateKeyPairSync('x25519');
  const ownPoint = publicBytes(own.privateKey);
  const mlkem = encapsulate(publicKey('ml-kem-768', recipient.subarray(0, MLKEM.publicKey)));
  const agreed = diffieHellman({
    privateKey: own.privateKey,
    publicKey: publicKey('x25519', point),
  });
  const { key, nonce } = schedule(sharedSecret(mlkem.sharedKey, agreed, ownPoint, point));
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG });
  const body = concat(cipher.update(fileKey), cipher.final(), cipher.getAuthTag());
  key.fill(0);
  return new Stanza([KIND, unpadded(concat(mlkem.ciphertext, ownPoint))], body);
}

/** @returns null where it is for somebody else */
function unwrapped({ args, body }: Stanza, { mlkem, x25519 }: Keys): Uint8Array | null {
  const share = sharedPart(args[1] ?? '');
  if (args.length !== 2 || share === undefined || body.length !== FILE_KEY + TAG) throw malformed();
  const point = share.subarray(MLKEM.ciphertext);
  const agreed = diffieHellman({ privateKey: x25519, publicKey: publicKey('x25519', point) });
  const first = decapsulate(mlkem, share.subarray(0, MLKEM.ciphertext));
  const { key, nonce } = schedule(sharedSecret(first, agreed, point, publicBytes(x25519)));
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG });
  key.fill(0);
  decipher.setAuthTag(body.subarray(FILE_KEY));
  const fileKey = decipher.update(body.subarray(0, FILE_KEY));
  try {
    decipher.final();
    return new Uint8Array(fileKey);
  } catch {
    fileKey.fill(0);
    return null;
  }
}

/** Base64 without padding, in its one spelling. */
function sharedPart(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === MLKEM.ciphertext + POINT && unpadded(bytes) === text ? bytes : undefined;
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}

/** What both sides know (X-Wing, draft-connolly-cfrg-xwing-kem, "Combiner"). */
function sharedSecret(
  mlkem: Uint8Array,
  agreed: Uint8Array,
  sent: Uint8Array,
  point: Uint8Array,
): Uint8Array {
  const hash = createHash('sha3-256');
  for (const part of [mlkem, agreed, sent, point, XWING]) hash.update(part);
  for (const spent of [mlkem, agreed]) spent.fill(0);
  return hash.digest();
}

/** HPKE's key schedule in its base mode (RFC 9180, section 5.1). */
function schedule(shared: Uint8Array): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  const context = concat(
    new Uint8Array([0]),
    extract(NOTHING, 'psk_id_hash', NOTHING),
    extract(NOTHING, 'info_hash', INFO),
  );
  const secret = extract(shared, 'secret', NOTHING);
  const made = {
    key: expand(secret, 'key', context, 32),
    nonce: expand(secret, 'base_nonce', context, 12),
  };
  for (const spent of [shared, secret]) spent.fill(0);
  return made;
}

function extract(salt: Uint8Array, label: string, material: Uint8Array): Uint8Array {
  return hmac(salt, concat(utf8('HPKE-v1'), SUITE, utf8(label), material));
}

/** No more than one block of HKDF's. */
function expand(secret: Uint8Array, label: string, info: Uint8Array, size: number): Uint8Array {
  const labelled = concat(new Uint8Array([0, size]), utf8('HPKE-v1'), SUITE, utf8(label), info);
  return hmac(secret, concat(labelled, new Uint8Array([1]))).subarray(0, size);
}

function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(message).digest();
}

function publicKey(asymmetricKeyType: 'ml-kem-768' | 'x25519', key: Uint8Array): KeyObject {
  return createPublicKey({ key, format: 'raw-public', asymmetricKeyType });
}

function publicBytes(privateKey: KeyObject): Uint8Array {
  return createPublicKey(privateKey).export({ format: 'raw-public' });
}

function malformed(): HalliganError {
  return new HalliganError(
    'seal.damaged',
    'A part of an age file’s head has another shape than its kind.',
    'Use another copy.',
  );
}
