import { HalliganError } from '@halligan/format';
import { decrypt } from './cipher.ts';
import { type Passphrase, passphraseBytes } from './passphrase.ts';
import { type Point, recoverSecret } from './shamir.ts';
import { parseShare, type Share } from './share.ts';

/**
 * Gives back the secret that {@link split} took apart (SLIP-0039, "Combining the shares"), from exactly as many
 * groups, and members of each, as the shares say are needed. A wrong passphrase gives another secret and no error.
 * Who hands in shares chooses the iteration exponent, and with 15 this runs for minutes: read it with
 * {@link parseShare} first where that matters.
 * @throws what {@link parseShare} throws; `slip39.mixed-shares`, `slip39.duplicate-share`,
 * `slip39.too-few-shares`, `slip39.too-many-shares`, `slip39.digest`, `slip39.passphrase`.
 */
export function combine(mnemonics: readonly string[], passphrase: Passphrase = ''): Uint8Array {
  const secrets: Uint8Array[] = [passphraseBytes(passphrase)];
  const keep = (bytes: Uint8Array): Uint8Array => {
    secrets.push(bytes);
    return bytes;
  };
  try {
    const shares = mnemonics.map((mnemonic, at) => {
      const share = parseShare(mnemonic, `The words of share ${at + 1}`);
      keep(share.value);
      return share;
    });
    const first = checkOneSplit(shares);
    const groups = Map.groupBy(shares, (share) => share.groupIndex);
    checkEnough(first, groups);
    const groupSecrets: readonly Point[] = [...groups].map(([x, members]) => {
      const points = members.map((share) => ({ x: share.memberIndex, y: share.value }));
      return { x, y: keep(recoverSecret(points.length, points)) };
    });
    const encrypted = keep(recoverSecret(groupSecrets.length, groupSecrets));
    return decrypt(encrypted, secrets[0] ?? new Uint8Array(), first);
  } finally {
    for (const spent of secrets) spent.fill(0);
  }
}

/** What all shares of one split have in common, and what those of one group have, in people's words. */
const COMMON = [
  ['identifier', 'identifiers'],
  ['extendable', 'kinds'],
  ['iterationExponent', 'iteration exponents'],
  ['groupThreshold', 'group thresholds'],
  ['groupCount', 'numbers of groups'],
] as const;

/** Checks that the shares come from one split and that each was given once. Returns the first. */
function checkOneSplit(shares: readonly Share[]): Share {
  const [first] = shares;
  if (first === undefined) {
    throw new HalliganError('slip39.too-few-shares', 'There is no share.', 'Enter the shares.');
  }
  for (const [at, share] of shares.entries()) {
    for (const [property, plural] of COMMON) {
      if (share[property] !== first[property]) throw mixed(1, at + 1, plural);
    }
    if (share.value.length !== first.value.length) throw mixed(1, at + 1, 'lengths');
    for (const [earlierAt, earlier] of shares.slice(0, at).entries()) {
      if (earlier.groupIndex !== share.groupIndex) continue;
      if (earlier.memberThreshold !== share.memberThreshold) {
        throw mixed(earlierAt + 1, at + 1, 'member thresholds');
      }
      if (earlier.memberIndex === share.memberIndex) {
        throw new HalliganError(
          'slip39.duplicate-share',
          `Shares ${earlierAt + 1} and ${at + 1} are the same share, or claim to be.`,
          'Enter each share once. If the papers differ, one of them was forged.',
        );
      }
    }
  }
  return first;
}

/**
 * Checks that there are as many groups and members as needed, no fewer and no more. More are refused, as the
 * standard asks, because those left over would go unchecked: nobody would learn that one of them is wrong.
 */
function checkEnough(
  { groupThreshold, groupCount }: Share,
  groups: ReadonlyMap<number, readonly Share[]>,
): void {
  if (groups.size < groupThreshold) {
    throw new HalliganError(
      'slip39.too-few-shares',
      `Shares of ${groupThreshold} groups out of ${groupCount} are needed; these are of ${groups.size}.`,
      'Ask a member of another group for their share.',
    );
  }
  if (groups.size > groupThreshold) {
    throw new HalliganError(
      'slip39.too-many-shares',
      `Shares of ${groupThreshold} groups are needed; these are of ${groups.size}.`,
      'Leave out the shares of the groups that are not needed.',
    );
  }
  for (const [groupIndex, members] of groups) {
    const needed = members[0]?.memberThreshold ?? 0;
    if (members.length < needed) {
      throw new HalliganError(
        'slip39.too-few-shares',
        `Group ${groupIndex + 1} needs ${needed} shares; ${members.length} given.`,
        `Ask another member of group ${groupIndex + 1} for their share.`,
      );
    }
    if (members.length > needed) {
      throw new HalliganError(
        'slip39.too-many-shares',
        `Group ${groupIndex + 1} needs ${needed} shares; ${members.length} given.`,
        'Leave out those that are not needed.',
      );
    }
  }
}

function mixed(one: number, other: number, what: string): HalliganError {
  return new HalliganError(
    'slip39.mixed-shares',
    `Shares ${one} and ${other} do not belong together: their ${what} differ.`,
    'Check that all papers are of the same seal and version.',
  );
}
