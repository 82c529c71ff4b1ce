import { fromHex, HalliganError } from '@halligan/format';
import { wordsOfBits } from '@halligan/slip39';
import type { Terminal } from '../terminal.ts';

/** 130 bits of a digest: nobody finds another document with the same words. */
const COUNT = 13;

/** A digest as the thirteen words that people read to each other. @param digest SHA-256, hexadecimal */
export function wordsOfDigest(digest: string): readonly string[] {
  return wordsOfBits(fromHex(digest), COUNT);
}

/** What is compared: whose words they are, and what a difference is called. */
export interface Comparison {
  readonly digest: string;
  /** `cli.genesis-words` or `cli.card-words`. */
  readonly code: string;
  /** Such as “the genesis words”. */
  readonly what: string;
  /** By which way the person got the words that they compare with. */
  readonly from: string;
  /** What to do where they differ. */
  readonly hint: string;
}

/**
 * Compares words that came by another way (paper, telephone) with those of what is at hand. The person types them,
 * and is not asked “are they the same?”: that question is answered with yes.
 * @param given the answer from a flag; asked on the terminal where it is missing
 * @throws the comparison's code where they differ; `cli.no-terminal` where nobody can be asked
 */
export async function compareWords(
  terminal: Terminal,
  { digest, code, what, from, hint }: Comparison,
  given: string | undefined,
): Promise<void> {
  const expected = wordsOfDigest(digest);
  const answer = given ?? (await terminal.ask(`Type ${what} ${from} (${COUNT} words, --words):`));
  const typed = answer.toLowerCase().split(/\s+/).filter(Boolean);
  if (typed.join(' ') === expected.join(' ')) return;
  throw new HalliganError(code, `These are not ${what}: ${difference(typed, expected)}.`, hint);
}

/** Names places only: the right words are not for whoever does not have them. */
function difference(typed: readonly string[], expected: readonly string[]): string {
  if (typed.length !== expected.length) return `${typed.length} words where there are ${COUNT}`;
  const places = expected.flatMap((word, at) => (word === typed[at] ? [] : [at + 1]));
  return places.length === 1
    ? `word ${places[0]} differs`
    : `words ${places.slice(0, -1).join(', ')} and ${places.at(-1)} differ`;
}
