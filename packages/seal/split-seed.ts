import { HalliganError } from '@halligan/format';
import { combine, kindOfWords, parseShare, type Random, split } from '@halligan/slip39';
import { platformRandom } from './identity.ts';
import type { Path, SharePlace } from './paths.ts';

/** One holder's share of one path, as 33 SLIP-39 words. Secret. */
export interface SeedShare extends SharePlace {
  readonly words: string;
}

/** What SLIP-39 calls 0 is 10,000 iterations; there is no passphrase that more of them could guard. */
const ITERATION_EXPONENT = 0;
/** The most that a seal may ask of its opener. */
const MAX_ITERATION_EXPONENT = 1;

/**
 * Splits a seed along the paths: each path is a SLIP-39 split of its own, with an identifier of its own, whose
 * groups are all needed. So what two paths give out does not add up: half of one and half of another is nothing.
 * A group of which one is enough is one share of which every holder has a copy (SLIP-39 forbids 1 of n).
 * @param paths checked by `checkPaths`
 * @param seed 32 bytes; read, not changed
 */
export function splitSeed(
  paths: readonly Path[],
  seed: Uint8Array,
  random: Random = platformRandom,
): SeedShare[] {
  const identifiers = distinctIdentifiers(paths.length, random);
  return paths.flatMap((path, at) => {
    const words = split({
      secret: seed,
      groupThreshold: path.groups.length,
      groups: path.groups.map(({ need, holders }) => ({
        threshold: need,
        count: need === 1 ? 1 : holders.length,
      })),
      iterationExponent: ITERATION_EXPONENT,
      identifier: identifiers[at],
      random,
    });
    return path.groups.flatMap((group, groupAt) =>
      group.holders.map((holder, holderAt) => ({
        path: path.name,
        group: group.name,
        holder,
        words: words[groupAt]?.[group.need === 1 ? 0 : holderAt] ?? '',
      })),
    );
  });
}

/**
 * Puts a seed together from shares of one path, of which there are enough (`missingFor` says so); of more than
 * enough, the first are taken.
 * @throws `seal.share-mismatch` where words are not of this place in this path, and what SLIP-39's `combine` throws
 */
export function combineSeed(path: Path, shares: readonly SeedShare[]): Uint8Array {
  const words = path.groups.flatMap((group) => {
    const given = shares.filter((share) => share.group === group.name);
    for (const share of given) requireItsPlace(path, share);
    const distinct = new Map(given.map((share) => [share.holder, share.words]));
    return [...distinct.values()].slice(0, group.need);
  });
  return combine(words);
}

/**
 * The words' own numbers must be those of the path. A seal made by a faulty or hostile sealer could otherwise
 * show a quorum and contain another, or ask for minutes of key stretching.
 */
function requireItsPlace(path: Path, { group: name, holder, words }: SeedShare): void {
  const share = parseShare(words, `The words of ${holder}`);
  share.value.fill(0);
  const groupIndex = path.groups.findIndex((group) => group.name === name);
  const group = path.groups[groupIndex];
  const memberIndex = group?.need === 1 ? 0 : group?.holders.indexOf(holder);
  const fits =
    kindOfWords(share) === 'share' &&
    share.groupIndex === groupIndex &&
    share.groupCount === path.groups.length &&
    share.groupThreshold === path.groups.length &&
    share.memberThreshold === group?.need &&
    share.memberIndex === memberIndex &&
    share.iterationExponent <= MAX_ITERATION_EXPONENT;
  if (fits) return;
  throw new HalliganError(
    'seal.share-mismatch',
    `The words of ${holder} do not belong to the group ${name} of the path ${path.name}.`,
    'The program that sealed this was faulty or hostile: use another path or copy, and reseal.',
  );
}

/** 15 bits each (SLIP-39), drawn once and counted on: equal ones would let shares of two paths pass for one split. */
function distinctIdentifiers(count: number, random: Random): number[] {
  const [high = 0, low = 0] = random(2);
  const first = (high << 8) | low;
  return Array.from({ length: count }, (_, at) => (first + at) & 0x7fff);
}
