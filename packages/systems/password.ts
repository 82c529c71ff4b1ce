import { HalliganError } from '@halligan/format';

/** Bytes: far above any password, far below what would tie up a key derivation. */
const LONGEST = 1024;

/**
 * A copy of the password, taken before the first `await` so that the caller may overwrite its own at once.
 * An empty one is refused: LDAP answers "success" to a bind with a name and no password (RFC 4513 section 5.1.2),
 * which would prove anything. Bytes that are not UTF-8, or that hold control characters, are refused because
 * systems disagree on what they mean, and the account would be lost.
 * @throws `systems.password-unusable`
 */
export function copyPassword(password: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(password);
  if (copy.length === 0 || copy.length > LONGEST || !isPlainText(copy)) {
    copy.fill(0);
    throw new HalliganError(
      'systems.password-unusable',
      'This cannot be used as a password.',
      `A password is 1 to ${LONGEST} bytes of UTF-8 without control characters; generate one with generatePassword.`,
    );
  }
  return copy;
}

function isPlainText(bytes: Uint8Array): boolean {
  if (bytes.some((byte) => byte < 0x20 || byte === 0x7f)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
