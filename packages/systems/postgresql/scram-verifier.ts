import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { base64, HalliganError, utf8Text } from '@halligan/format';

/**
 * What PostgreSQL keeps of a password: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`, RFC 5802 section 3
 * with SHA-256 (RFC 7677), as src/common/scram-common.c of PostgreSQL writes it. It signs nobody in; who reads it can
 * try passwords against it, and pass for the server.
 * @param password UTF-8 as `samePassword` lets it through; the caller overwrites it
 * @param salt 16 bytes, as the server itself takes
 */
export async function scramVerifier(
  password: Uint8Array,
  iterations: number,
  salt: Uint8Array = randomBytes(16),
): Promise<string> {
  const salted = await promisify(pbkdf2)(password, salt, iterations, 32, 'sha256');
  try {
    const clientKey = createHmac('sha256', salted).update('Client Key').digest();
    const stored = createHash('sha256').update(clientKey).digest();
    const server = createHmac('sha256', salted).update('Server Key').digest();
    clientKey.fill(0);
    return `SCRAM-SHA-256$${iterations}:${base64(salt)}$${base64(stored)}:${base64(server)}`;
  } finally {
    salted.fill(0);
  }
}

/**
 * Refuses a password that SASLprep (RFC 4013) could turn into another one. PostgreSQL normalises where it can and takes
 * the bytes as they are where the profile prohibits a character; clients differ in which that is. What normalisation
 * leaves alone is the same password to all of them, so nothing else is set, and no table of Unicode 3.2 is needed.
 * @throws `systems.password-unusable`
 */
export function samePassword(password: Uint8Array): Uint8Array {
  const text = utf8Text(password);
  if (text.normalize('NFKC') === text && !MAPPED.test(text)) return password;
  throw new HalliganError(
    'systems.password-unusable',
    'PostgreSQL and its programs could take this password for different ones (SASLprep, RFC 4013).',
    'Use one of plain characters: generate one with generatePassword.',
  );
}

/**
 * RFC 3454, tables B.1 (mapped to nothing) and C.1.2 (spaces), which NFKC alone does not show; and all else that is not
 * seen when it is written.
 */
const MAPPED = /\p{Default_Ignorable_Code_Point}|\u1806|(?! )\p{Zs}/u;
