import { createHash, randomBytes } from 'node:crypto';
import { base64, concat, utf8, utf8Text } from '@halligan/format';
import { ed25519 } from '@noble/curves/ed25519.js';
import type { MysqlConfig } from './config.ts';
import { sha256Crypt } from './sha256-crypt.ts';

/** The answer to a challenge by mysql_native_password: SHA1(p) xor SHA1(challenge, SHA1(SHA1(p))). */
export function nativeToken(password: Uint8Array, challenge: Uint8Array): Uint8Array {
  const once = digest('sha1', password);
  return xor(once, digest('sha1', challenge.subarray(0, 20), digest('sha1', once)));
}

/** By caching_sha2_password, which answers from its cache: SHA256(p) xor SHA256(SHA256(SHA256(p)), challenge), of the first 20 bytes. */
export function cachingToken(password: Uint8Array, challenge: Uint8Array): Uint8Array {
  const once = digest('sha256', password);
  const twice = digest('sha256', once);
  return xor(once, digest('sha256', twice, challenge.subarray(0, 20)));
}

/**
 * By MariaDB's ed25519: a signature (RFC 8032 section 5.1.6) over the challenge, whose secret key, instead of 32 random
 * bytes, is the password. The server keeps the public key alone.
 */
export function ed25519Token(password: Uint8Array, given: Uint8Array): Uint8Array {
  const challenge = given.subarray(0, 32);
  const { scalar, prefix, publicKey } = keyOf(password);
  const nonce = reduced(digest('sha512', prefix, challenge));
  const commitment = ed25519.Point.BASE.multiply(nonce).toBytes();
  const hash = reduced(digest('sha512', commitment, publicKey, challenge));
  const response = (nonce + hash * scalar) % ed25519.Point.Fn.ORDER;
  return concat(commitment, littleEndian(response));
}

/**
 * What the server is told to keep of a password: never the password, so that neither its general log nor its binary log
 * holds one. For caching_sha2_password with a salt of our own; the other two have none.
 */
export function passwordHash(
  password: Uint8Array,
  authentication: MysqlConfig['authentication'],
): string {
  switch (authentication) {
    case 'mysql_native_password':
      return `*${digest('sha1', digest('sha1', password)).toHex().toUpperCase()}`;
    case 'ed25519':
      return base64(keyOf(password).publicKey).replace(/=$/, '');
    case 'caching_sha2_password':
      return cachingHash(password, utf8(base64(randomBytes(15)).replaceAll('+', '.')));
  }
}

/** @param salt 20 printable characters, no `$` among them */
export function cachingHash(password: Uint8Array, salt: Uint8Array): string {
  return `$A$005$${utf8Text(salt)}${sha256Crypt(password, salt, 5000)}`;
}

function keyOf(password: Uint8Array) {
  const hash = digest('sha512', password);
  const low = hash.slice(0, 32);
  low[0] = (low[0] ?? 0) & 248;
  low[31] = ((low[31] ?? 0) & 63) | 64;
  const scalar = reduced(low);
  return {
    scalar,
    prefix: hash.slice(32),
    publicKey: ed25519.Point.BASE.multiply(scalar).toBytes(),
  };
}

/** A little-endian number modulo the group's order. */
function reduced(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytes.toReversed().toHex()}`) % ed25519.Point.Fn.ORDER;
}

function littleEndian(value: bigint): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(value.toString(16).padStart(64, '0')).reverse();
}

function digest(name: 'sha1' | 'sha256' | 'sha512', ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash(name);
  for (const part of parts) hash.update(part);
  return Uint8Array.from(hash.digest());
}

function xor(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((byte, at) => byte ^ (other[at] ?? 0));
}
