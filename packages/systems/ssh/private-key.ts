import { HalliganError, utf8 } from '@halligan/format';
import { parsePrivateKey } from '@halligan/statement';
import { copyPassword } from '../password.ts';

const BEGIN = utf8('-----BEGIN OPENSSH PRIVATE KEY-----');
/** Bytes: an Ed25519 key has about 400. */
const LONGEST = 4096;

/** Whether these bytes are meant as a private key file of OpenSSH. A password holds no line ends, so none is one. */
export function looksLikePrivateKey(secret: Uint8Array): boolean {
  return secret.length > BEGIN.length && BEGIN.every((byte, at) => secret[at] === byte);
}

/** A copy of a password or private key, taken before the first `await`. @throws `systems.password-unusable` */
export function copySecret(secret: Uint8Array): Uint8Array<ArrayBuffer> {
  if (!looksLikePrivateKey(secret)) return copyPassword(secret);
  if (secret.length > LONGEST) throw unusable();
  return Uint8Array.from(secret);
}

/**
 * The public half, in base64 as `authorized_keys` has it.
 * @throws `systems.password-unusable` where it is no Ed25519 key without a passphrase; never quotes it
 */
export async function publicHalf(privateKey: Uint8Array): Promise<string> {
  try {
    const { publicKey, seed } = await parsePrivateKey(privateKey);
    seed.fill(0);
    return publicKey.split(' ')[1] ?? '';
  } catch {
    throw unusable();
  }
}

function unusable(): HalliganError {
  return new HalliganError(
    'systems.password-unusable',
    'This cannot be used as a private key.',
    'It is an Ed25519 key in OpenSSH format, without a passphrase; the rotator makes one for each version.',
  );
}
