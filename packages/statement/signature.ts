import { base64, fromBase64, HalliganError } from '@halligan/format';
import { z } from 'zod';
import type { Signer } from './ssh-key.ts';
import { badSignature, readSshSignature, signSsh, verifySsh } from './sshsig.ts';

/** A signature in JSON: the base64 of an SSHSIG blob, of a length that any accepted key type needs. */
export const signatureField = z.string().min(1).max(2048);

/** As {@link signSsh}, in base64. */
export async function signToText(
  message: Uint8Array,
  namespace: string,
  key: Signer,
): Promise<string> {
  return base64(await signSsh(message, namespace, key));
}

/**
 * Verifies a signature in base64 under whichever of a member's keys made it.
 * @param keys OpenSSH lines from the roster; the key that the signature carries only chooses among them
 * @throws `statement.signature`, and what {@link verifySsh} throws
 */
export async function verifyByOneOf(
  message: Uint8Array,
  namespace: string,
  signature: string,
  keys: readonly string[],
): Promise<void> {
  const blob = blobOf(signature);
  const claimed = readSshSignature(blob).publicKey;
  const publicKey = keys.find((key) => key === claimed);
  if (publicKey === undefined) throw badSignature('the signer does not have the key that made it');
  await verifySsh({ message, namespace, signature: blob, publicKey });
}

function blobOf(signature: string): Uint8Array {
  try {
    return fromBase64(signature);
  } catch (cause) {
    throw new HalliganError(
      'statement.signature-format',
      'This signature is refused: it is not base64.',
      'It was damaged or altered: sign again.',
      { cause },
    );
  }
}
