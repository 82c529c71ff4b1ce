import { concat, utf8 } from '@halligan/format';
import { blobOfPublicKey, parsePublicKey, SK_ECDSA, SK_ED25519 } from './public-key.ts';
import type { RemoteKey } from './ssh-key.ts';
import { sshString, sshUint32 } from './ssh-wire.ts';

/** What a token may say of its user. */
export const TOUCHED = 0x01;
export const VERIFIED = 0x04;

/** A security key in software: its owner decides what it claims, so it can also play the forger. */
export interface SoftwareToken extends RemoteKey {
  flags: number;
  /** Counts its signatures, as tokens do. */
  counter: number;
}

/** Makes a token that was touched, with its PIN, whenever it signs. */
export async function softwareToken(
  type: typeof SK_ED25519 | typeof SK_ECDSA = SK_ED25519,
  application = 'ssh:',
): Promise<SoftwareToken> {
  const algorithm = type === SK_ECDSA ? { name: 'ECDSA', namedCurve: 'P-256' } : 'Ed25519';
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  if (!('publicKey' in pair)) throw new Error('no key pair');
  const bytes = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const blob = blobOfPublicKey({ type, publicKey: '', bytes, application });
  const { publicKey } = parsePublicKey(`${type} ${blob.toBase64()}`);
  const token: SoftwareToken = {
    publicKey,
    flags: TOUCHED | VERIFIED,
    counter: 0,
    signData: async (data) => {
      token.counter += 1;
      const said = concat(Uint8Array.of(token.flags), sshUint32(token.counter));
      const signed = concat(await sha256(utf8(application)), said, await sha256(data));
      const raw = await crypto.subtle.sign(
        type === SK_ECDSA ? { name: 'ECDSA', hash: 'SHA-256' } : 'Ed25519',
        pair.privateKey,
        signed.slice(),
      );
      const signature = new Uint8Array(raw);
      return concat(
        sshString(type),
        sshString(type === SK_ECDSA ? ecdsaBlob(signature) : signature),
        said,
      );
    },
  };
  return token;
}

/** r ‖ s as two mpints. */
function ecdsaBlob(signature: Uint8Array): Uint8Array {
  return concat(mpint(signature.subarray(0, 32)), mpint(signature.subarray(32)));
}

function mpint(digits: Uint8Array): Uint8Array {
  const first = digits.findIndex((digit) => digit !== 0);
  const short = digits.subarray(first);
  return sshString((short[0] ?? 0) > 0x7f ? concat(Uint8Array.of(0), short) : short);
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes.slice()));
}
