import { HalliganError, utf8 } from '@halligan/format';

/** A passphrase: printable ASCII, as text or, so that it can be wiped, as bytes. Empty means none. */
export type Passphrase = Uint8Array | string;

/**
 * The bytes of a passphrase, a copy that the caller may wipe. SLIP-0039 allows the characters 32 to 126 only,
 * because two keyboards may spell any other one differently.
 * @throws `slip39.passphrase`
 */
export function passphraseBytes(passphrase: Passphrase): Uint8Array {
  const bytes = typeof passphrase === 'string' ? utf8(passphrase) : passphrase.slice();
  if (bytes.every((byte) => byte >= 32 && byte <= 126)) return bytes;
  bytes.fill(0);
  throw new HalliganError(
    'slip39.passphrase',
    'This passphrase holds a character that SLIP-0039 does not allow.',
    'Use letters without accents, digits, spaces and the signs of a US keyboard.',
  );
}
