import { HalliganError } from '@halligan/format';
import type { Random } from '@halligan/slip39';
import { type Identity, identityToRecipient, type Recipient } from 'age-encryption';
import { hybridIdentity, hybridRecipient, hybridRecipientOf } from '#hybrid';
import { decodeBech32, encodeBech32, MAX_TEXT } from './bech32.ts';

/**
 * Which age keys an organisation uses: `hybrid` (ML-KEM-768 with X25519, safe against those who record now and
 * own a quantum computer later; needs the `age` program ≥ 1.3 when opened by hand) or `x25519`.
 */
export type RecipientKind = 'hybrid' | 'x25519';

/** Human-readable parts of the bech32 strings (age specification, "native X25519" and "hybrid" recipients). */
const SECRET = { hybrid: 'AGE-SECRET-KEY-PQ-', x25519: 'AGE-SECRET-KEY-' } as const;
const PUBLIC = { hybrid: 'age1pq', x25519: 'age' } as const;
const PUBLIC_SIZE = { hybrid: 1216, x25519: 32 } as const;
const KINDS: readonly RecipientKind[] = ['hybrid', 'x25519'];
const SECRET_SIZE = 32;

/** A fresh age identity: 32 random bytes, spelled `AGE-SECRET-KEY-PQ-1…` or `AGE-SECRET-KEY-1…`. */
export function generateIdentity(kind: RecipientKind, random: Random = platformRandom): string {
  const bytes = random(SECRET_SIZE);
  try {
    return identityOfBytes(kind, bytes);
  } finally {
    bytes.fill(0);
  }
}

/** The identity that 32 bytes spell. @throws `seal.identity` for any other size */
export function identityOfBytes(kind: RecipientKind, bytes: Uint8Array): string {
  if (bytes.length !== SECRET_SIZE) throw notAnIdentity();
  return encodeBech32(SECRET[kind].toLowerCase(), bytes).toUpperCase();
}

/** The 32 secret bytes of an identity: what recovery words and seals' shares carry. @throws `seal.identity` */
export function identityBytes(identity: string): Uint8Array {
  return decodeIdentity(identity).bytes;
}

/** @throws `seal.identity` */
export function kindOfIdentity(identity: string): RecipientKind {
  const { kind, bytes } = decodeIdentity(identity);
  bytes.fill(0);
  return kind;
}

/** The public recipient of an identity, `age1…` or `age1pq1…`. @throws `seal.identity` */
export async function recipientOf(identity: string): Promise<string> {
  return kindOfIdentity(identity) === 'hybrid'
    ? hybridRecipientOf(identity)
    : identityToRecipient(identity);
}

/** What encrypts to a recipient: its text, which the library knows, or what does it faster. @throws `seal.recipient` */
export function encryptingTo(recipient: string): string | Recipient {
  return kindOfRecipient(recipient) === 'hybrid' ? hybridRecipient(recipient) : recipient;
}

/** What decrypts with an identity, as {@link encryptingTo}. @throws `seal.identity` */
export function decryptingWith(identity: string): string | Identity {
  return kindOfIdentity(identity) === 'hybrid' ? hybridIdentity(identity) : identity;
}

/**
 * Which kind of recipient this is. Strict, checksum included: age's plugin, tag and passphrase recipients are
 * refused, because a seal must open from words and the stock `age` program alone.
 * @throws `seal.recipient`
 */
export function kindOfRecipient(recipient: string): RecipientKind {
  const decoded =
    recipient.length <= MAX_TEXT && recipient === recipient.toLowerCase()
      ? decodeBech32(recipient)
      : undefined;
  const kind = KINDS.find((one) => PUBLIC[one] === decoded?.prefix);
  if (kind === undefined || decoded?.bytes.length !== PUBLIC_SIZE[kind]) {
    throw new HalliganError(
      'seal.recipient',
      'This is not an age recipient of a kind that seals use.',
      'It begins with age1pq1 (hybrid) or age1 (X25519); copy it whole.',
    );
  }
  return kind;
}

/** All recipients are of this kind, or the weakest would decide. @throws `seal.mixed-recipients`, `seal.recipient` */
export function requireOneKind(recipients: Iterable<string>, kind: RecipientKind): void {
  for (const recipient of recipients) {
    const found = kindOfRecipient(recipient);
    if (found !== kind) {
      throw new HalliganError(
        'seal.mixed-recipients',
        `A recipient is ${found} where the organisation's are ${kind}.`,
        'An organisation uses one kind of key: let this person make a new key of that kind.',
      );
    }
  }
}

function decodeIdentity(identity: string): {
  readonly kind: RecipientKind;
  readonly bytes: Uint8Array;
} {
  const decoded =
    identity.length <= MAX_TEXT && identity === identity.toUpperCase()
      ? decodeBech32(identity)
      : undefined;
  const kind = KINDS.find((one) => SECRET[one].toLowerCase() === decoded?.prefix);
  if (kind === undefined || decoded?.bytes.length !== SECRET_SIZE) throw notAnIdentity();
  return { kind, bytes: decoded.bytes };
}

function notAnIdentity(): HalliganError {
  return new HalliganError(
    'seal.identity',
    'This is not an age identity.',
    'It begins with AGE-SECRET-KEY-PQ-1 or AGE-SECRET-KEY-1, in capitals; copy it whole.',
  );
}

/** The platform's cryptographic source. */
export function platformRandom(size: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(size));
}
