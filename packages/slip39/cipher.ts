import { concat, utf8 } from '@halligan/format';
import { pbkdf2 } from '#pbkdf2';

/** What the passphrase cipher depends on besides passphrase and secret. All of it stands in every share. */
export interface CipherParameters {
  /** 15 bits that tell one split from another. */
  readonly identifier: number;
  /** Whether the identifier is left out of the salt, so that one encryption can be split again under another. */
  readonly extendable: boolean;
  /** 0 to 15: PBKDF2 runs 10 000 × 2^exponent iterations in all. */
  readonly iterationExponent: number;
}

const ROUNDS: readonly number[] = [0, 1, 2, 3];
const ITERATIONS_PER_ROUND = 2_500;

/**
 * Encrypts the master secret (an even number of bytes) under the passphrase: four rounds of a Feistel network
 * whose round function is PBKDF2-HMAC-SHA256 (SLIP-0039, "Encryption of the master secret"). There is no
 * authentication on purpose: every passphrase decrypts to something, so a wrong one cannot be recognised.
 */
export function encrypt(
  secret: Uint8Array,
  passphrase: Uint8Array,
  parameters: CipherParameters,
): Uint8Array {
  return feistel(ROUNDS, secret, passphrase, parameters);
}

/** Undoes {@link encrypt}. A wrong passphrase gives other bytes, not an error. */
export function decrypt(
  encrypted: Uint8Array,
  passphrase: Uint8Array,
  parameters: CipherParameters,
): Uint8Array {
  return feistel(ROUNDS.toReversed(), encrypted, passphrase, parameters);
}

function feistel(
  rounds: readonly number[],
  input: Uint8Array,
  passphrase: Uint8Array,
  { identifier, extendable, iterationExponent }: CipherParameters,
): Uint8Array {
  const identifierBytes = new Uint8Array([identifier >>> 8, identifier & 0xff]);
  const salt = extendable ? new Uint8Array() : concat(utf8('shamir'), identifierBytes);
  let left = input.slice(0, input.length / 2);
  let right = input.slice(input.length / 2);
  for (const round of rounds) {
    const password = concat(new Uint8Array([round]), passphrase);
    const roundSalt = concat(salt, right);
    const iterations = ITERATIONS_PER_ROUND * 2 ** iterationExponent;
    const stream = pbkdf2(password, roundSalt, iterations, right.length);
    const mixed = left.map((byte, at) => byte ^ (stream[at] ?? 0));
    for (const spent of [password, roundSalt, stream, left]) spent.fill(0);
    left = right;
    right = mixed;
  }
  const output = concat(right, left);
  left.fill(0);
  right.fill(0);
  return output;
}
