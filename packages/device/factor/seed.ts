import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concat, HalliganError, utf8 } from '@halligan/format';
import { keyFor } from '../key/purpose.ts';
import type { TotpSeed } from './totp.ts';

const CIPHER = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Bytes of a seed: as many as HMAC-SHA1 uses (RFC 4226 section 4, R6). */
export const SEED_SIZE = 20;
/** Bytes of a sealed one. */
export const SEALED_SEED_SIZE = NONCE + SEED_SIZE + TAG;

/**
 * Seals a seed under the machine's key, for one person.
 * @returns nonce, ciphertext and tag: NIST SP 800-38D
 */
export function sealSeed(
  seed: TotpSeed,
  key: Uint8Array,
  subject: string,
  random: (size: number) => Uint8Array,
): Uint8Array {
  const nonce = random(NONCE);
  const cipher = createCipheriv(CIPHER, keyFor(key, 'seed'), nonce, { authTagLength: TAG });
  cipher.setAAD(utf8(subject));
  return concat(nonce, cipher.update(seed), cipher.final(), cipher.getAuthTag());
}

/** @throws `device.store` where it is another person's, another machine's, or changed */
export function openSeed(sealed: Uint8Array, key: Uint8Array, subject: string): TotpSeed {
  try {
    const cipher = createDecipheriv(CIPHER, keyFor(key, 'seed'), sealed.subarray(0, NONCE), {
      authTagLength: TAG,
    });
    cipher.setAAD(utf8(subject)).setAuthTag(sealed.subarray(-TAG));
    return concat(cipher.update(sealed.subarray(NONCE, -TAG)), cipher.final());
  } catch (cause) {
    throw new HalliganError(
      'device.store',
      'The seed of somebody’s authenticator is not this machine’s.',
      'Remove it, and enrol it again: halligan device factor.',
      { cause },
    );
  }
}

/** What an authenticator takes: the key URI format of `otpauth://totp`. */
export function otpauth(seed: TotpSeed, name: string, machine: string): string {
  const label = `${encodeURIComponent(machine)}:${encodeURIComponent(name)}`;
  return `otpauth://totp/${label}?secret=${base32(seed)}&issuer=${encodeURIComponent(machine)}`;
}

/** RFC 4648 section 6, without padding, as authenticators take it. */
function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => BASE32[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
}
