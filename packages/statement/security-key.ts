import { concat, HalliganError } from '@halligan/format';
import {
  ED25519,
  importPublicKey,
  type PublicKey,
  requireKeyType,
  type SecurityKey,
  SK_ECDSA,
} from './public-key.ts';
import { SshReader, sshUint32 } from './ssh-wire.ts';

/** What a token said beside its signature (OpenSSH PROTOCOL.u2f): it signed these two as well. */
export interface Presence {
  /** CTAP's authenticator flags. */
  readonly flags: number;
  readonly counter: number;
}

/** A signature in SSH's wire form, taken apart. */
export interface KeySignature {
  /** 64 bytes: RFC 8032, or r ‖ s for ECDSA. */
  readonly signature: Uint8Array;
  /** For a token's key only. */
  readonly presence?: Presence;
}

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
/** Whether a key may be, or is, copied elsewhere: allowed. With any other flag set, more was signed than is here. */
const BACKED_UP = 0x18;

/**
 * Reads a signature in wire form, which an attacker may have written.
 * @param refuse makes the error where it is not in exactly that form
 * @throws `statement.key-type` where it is of another type than the key
 */
export function readKeySignature(
  blob: Uint8Array,
  key: PublicKey,
  refuse: (why: string) => HalliganError,
): KeySignature {
  const reader = new SshReader(blob, refuse);
  if (requireKeyType(reader.name()) !== key.type)
    throw refuse('it is of another type than its key');
  const inner = reader.string().slice();
  const signature = key.type === SK_ECDSA ? ecdsaSignature(inner, refuse) : inner;
  if (signature.length !== 64) throw refuse('an Ed25519 signature has 64 bytes');
  if (key.type === ED25519) {
    reader.end();
    return { signature };
  }
  const [flags = 0] = reader.take(1);
  const counter = reader.uint32();
  reader.end();
  return { signature, presence: { flags, counter } };
}

/**
 * Whether a signature fits bytes and key. For a token's key, whoever holds the token, but not its PIN, is an
 * adversary, and so is a program on its owner's machine: a signature made without touch or without PIN is none here,
 * though stock `ssh-keygen -Y verify` takes it.
 * @throws `statement.presence`, `statement.user-verification`, `statement.key`
 */
export async function verifyKeySignature(
  key: PublicKey,
  data: Uint8Array<ArrayBuffer>,
  { signature, presence }: KeySignature,
): Promise<boolean> {
  const imported = await importPublicKey(key);
  const own = signature.slice();
  if (key.type === ED25519) return crypto.subtle.verify('Ed25519', imported, own, data);
  const claim = presence ?? { flags: 0, counter: 0 };
  requirePresence(claim);
  const signed = await signedByToken(key, data, claim);
  const algorithm = key.type === SK_ECDSA ? { name: 'ECDSA', hash: 'SHA-256' } : 'Ed25519';
  return crypto.subtle.verify(algorithm, imported, own, signed);
}

function requirePresence({ flags }: Presence): void {
  if ((flags & ~(USER_PRESENT | USER_VERIFIED | BACKED_UP)) !== 0)
    throw new HalliganError(
      'statement.presence',
      'This signature is refused: its token says something that is not understood.',
      'Sign again with another key.',
    );
  if ((flags & USER_PRESENT) === 0)
    throw new HalliganError(
      'statement.presence',
      'This signature is refused: nobody touched the security key.',
      'Sign with a key that asks for a touch: it was made with -O no-touch-required, or a program forged this.',
    );
  if ((flags & USER_VERIFIED) === 0)
    throw new HalliganError(
      'statement.user-verification',
      'This signature is refused: the security key did not ask for its PIN.',
      'Make the key with: ssh-keygen -t ed25519-sk -O verify-required',
    );
}

/** What a token signs: its scope, what it claims of its user, and the digest of what it was given (CTAP2 section 6.2). */
async function signedByToken(
  { application }: SecurityKey,
  data: Uint8Array<ArrayBuffer>,
  { flags, counter }: Presence,
): Promise<Uint8Array<ArrayBuffer>> {
  const [scope, digest] = await Promise.all([
    crypto.subtle.digest('SHA-256', new TextEncoder().encode(application)),
    crypto.subtle.digest('SHA-256', data),
  ]);
  return concat(
    new Uint8Array(scope),
    Uint8Array.of(flags),
    sshUint32(counter),
    new Uint8Array(digest),
  ).slice();
}

/** r ‖ s of two `mpint`s (RFC 5656 section 3.1.2), each 32 bytes. */
function ecdsaSignature(bytes: Uint8Array, refuse: (why: string) => HalliganError): Uint8Array {
  const reader = new SshReader(bytes, refuse);
  const parts = [reader.string(), reader.string()];
  reader.end();
  return concat(...parts.map((part) => fixed(part, refuse)));
}

/** A positive `mpint` (RFC 4251 section 5) in its one spelling, as 32 bytes. */
function fixed(mpint: Uint8Array, refuse: (why: string) => HalliganError): Uint8Array {
  const [first = 0, second = 0] = mpint;
  const padded = first === 0 && mpint.length > 0;
  const digits = padded ? mpint.subarray(1) : mpint;
  if (digits.length === 0 || digits.length > 32 || first > 0x7f || (padded && second < 0x80))
    throw refuse('a number in it is not written as it must be');
  const out = new Uint8Array(32);
  out.set(digits, 32 - digits.length);
  return out;
}
