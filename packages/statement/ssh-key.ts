import { concat, utf8 } from '@halligan/format';
import { platformRandom, type RandomBytes } from './fields.ts';
import { badKey, formatPublicKey, importPublicKey, parsePublicKey } from './public-key.ts';

const PKCS8_PREFIX = Uint8Array.fromHex('302e020100300506032b657004220420');
const POSSESSION = utf8('halligan/key-pair/v1').slice();

/**
 * An Ed25519 key that signs (RFC 8032). `publicKey` is one OpenSSH line `ssh-ed25519 AAAA…` without comment;
 * `seed` is the 32 secret bytes, in plain: keep them wrapped wherever they rest.
 */
export interface SigningKey {
  readonly publicKey: string;
  readonly seed: Uint8Array;
}

/**
 * A key that is elsewhere: in ssh-agent, on a token. What it answers is verified before it is used.
 */
export interface RemoteKey {
  /** One OpenSSH line, as {@link parsePublicKey} writes it. */
  readonly publicKey: string;
  /** Signs bytes; answers with the SSH wire form: `string type`, `string signature`, and what the type adds. */
  readonly signData: (data: Uint8Array) => Promise<Uint8Array>;
}

/** Whatever signs for a person. */
export type Signer = SigningKey | RemoteKey;

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

/** A key for WebCrypto, and proof that its two halves belong together. Kept for as long as the key object lives. */
export function importSigningKey(key: SigningKey): Promise<CryptoKey> {
  const known = privateKeys.get(key);
  if (known !== undefined) return known;
  const imported = importPair(key.seed.slice(), key.publicKey);
  privateKeys.set(key, imported);
  return imported;
}

const privateKeys = new WeakMap<SigningKey, Promise<CryptoKey>>();

async function importPair(seed: Uint8Array, publicKey: string): Promise<CryptoKey> {
  const signing = await privateKeyOf(seed, false);
  const verifying = await importPublicKey(parsePublicKey(publicKey));
  const proof = await crypto.subtle.sign('Ed25519', signing, POSSESSION);
  if (!(await crypto.subtle.verify(verifying.algorithm, verifying, proof, POSSESSION))) {
    throw badKey('its public half belongs to another key');
  }
  return signing;
}

async function privateKeyOf(seed: Uint8Array, extractable: boolean): Promise<CryptoKey> {
  if (seed.length !== 32) throw badKey('its seed has not 32 bytes');
  const pkcs8 = concat(PKCS8_PREFIX, seed).slice();
  return crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', extractable, ['sign']);
}
