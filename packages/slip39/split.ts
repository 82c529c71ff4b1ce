import { HalliganError } from '@halligan/format';
import { encrypt } from './cipher.ts';
import { type Passphrase, passphraseBytes } from './passphrase.ts';
import { MAX_SHARES, type Random, splitSecret } from './shamir.ts';
import { mnemonicOf } from './share.ts';

/** One group: `threshold` of its `count` members speak for it. */
export interface Group {
  readonly threshold: number;
  readonly count: number;
}

export interface Split {
  /** 16 to 32 bytes, an even number of them. It is read, and not changed. */
  readonly secret: Uint8Array;
  /** How many of the groups are needed. */
  readonly groupThreshold: number;
  /** 1 to 16 groups of 1 to 16 members. A threshold of 1 allows a single member only; give it copies. */
  readonly groups: readonly Group[];
  /** Printable ASCII; none by default. A wrong one will not be noticed when combining. */
  readonly passphrase?: Passphrase | undefined;
  /** Whether the secret may be split again under another identifier. Default: true. */
  readonly extendable?: boolean | undefined;
  /** 0 to 15, default 1: 10 000 × 2^exponent iterations of PBKDF2 guard the passphrase. */
  readonly iterationExponent?: number | undefined;
  /** 15 bits, random by default. */
  readonly identifier?: number | undefined;
  /** Default: the platform's cryptographic source. Tests pass their own; nothing else should. */
  readonly random?: Random | undefined;
}

/**
 * Splits a secret into words: a list a group, a text a member. Any `threshold` members of any `groupThreshold`
 * groups give it back; fewer learn nothing (SLIP-0039, "Generating the shares").
 * @throws `slip39.parameters` for sizes and numbers that the standard forbids, `slip39.passphrase`.
 */
export function split(options: Split): string[][] {
  const { secret, groupThreshold, groups, extendable = true, iterationExponent = 1 } = options;
  const random = exactly(options.random ?? platformRandom);
  checkSecret(secret);
  checkGroups(groupThreshold, groups);
  requireWhole(iterationExponent, 0, 15, 'The iteration exponent');
  if (options.identifier !== undefined)
    requireWhole(options.identifier, 0, 0x7fff, 'The identifier');
  const passphrase = passphraseBytes(options.passphrase ?? '');

  const parameters = {
    identifier: options.identifier ?? randomIdentifier(random),
    extendable,
    iterationExponent,
  };
  const encrypted = encrypt(secret, passphrase, parameters);
  const groupSecrets = splitSecret(groupThreshold, groups.length, encrypted, random);
  const mnemonics = groups.map(({ threshold, count }, groupIndex) => {
    const groupSecret = groupSecrets[groupIndex]?.y ?? new Uint8Array();
    const members = splitSecret(threshold, count, groupSecret, random);
    return members.map((member) => {
      const mnemonic = mnemonicOf({
        ...parameters,
        groupIndex,
        groupThreshold,
        groupCount: groups.length,
        memberIndex: member.x,
        memberThreshold: threshold,
        value: member.y,
      });
      member.y.fill(0);
      return mnemonic;
    });
  });
  for (const spent of [passphrase, encrypted, ...groupSecrets.map((point) => point.y)])
    spent.fill(0);
  return mnemonics;
}

function checkSecret(secret: Uint8Array): void {
  if (secret.length < 16 || secret.length > 32 || secret.length % 2 !== 0) {
    throw refused(
      `A secret of ${secret.length} bytes cannot be split; it has 16 to 32 bytes, an even number.`,
    );
  }
}

function checkGroups(groupThreshold: number, groups: readonly Group[]): void {
  requireWhole(groups.length, 1, MAX_SHARES, 'The number of groups');
  requireWhole(groupThreshold, 1, groups.length, 'The group threshold');
  for (const [index, { threshold, count }] of groups.entries()) {
    const name = `group ${index + 1}`;
    requireWhole(count, 1, MAX_SHARES, `The number of members of ${name}`);
    requireWhole(threshold, 1, count, `The threshold of ${name}`);
    if (threshold === 1 && count > 1) {
      throw refused(
        `In ${name} one member is enough, so its ${count} shares would all be the same.`,
        'Make it 1 of 1 and give every member a copy of that share.',
      );
    }
  }
}

function requireWhole(value: number, least: number, most: number, name: string): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw refused(`${name} is ${value}; it must be a whole number from ${least} to ${most}.`);
}

function refused(
  message: string,
  hint = 'SLIP-0039 knows up to 16 groups of up to 16 members; see "Split" for each limit.',
): HalliganError {
  return new HalliganError('slip39.parameters', message, hint);
}

function randomIdentifier(random: Random): number {
  const [high = 0, low = 0] = random(2);
  return ((high & 0x7f) << 8) | low;
}

function platformRandom(size: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(size));
}

/** A source that gives fewer bytes than asked for would weaken every share silently. The bytes are copied: they get wiped. */
function exactly(random: Random): Random {
  return (size) => {
    const bytes = random(size);
    if (bytes.length === size) return bytes.slice();
    throw refused(`The random source gave ${bytes.length} bytes where ${size} were asked for.`);
  };
}
