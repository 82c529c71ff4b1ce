import { wordsMeantBy } from './meant.ts';
import { isIntact, suspects } from './rs1024.ts';
import { indexOfWord, wordsIn } from './words.ts';

/** A word that is not on the list. */
export interface UnknownWord {
  /** Its number as people count: from 1. */
  readonly number: number;
  /** What was typed, in lower case. A slip gives the word away: show it to its owner, write it nowhere. */
  readonly word: string;
  /** Words of the list it may have been meant as, likeliest first; often none. As secret as the word. */
  readonly meant: readonly string[];
}

/** What {@link validateWords} found: the first of these that applies. */
export type WordsVerdict =
  | { readonly kind: 'intact' }
  | { readonly kind: 'unknown-words'; readonly unknown: readonly UnknownWord[] }
  | { readonly kind: 'length'; readonly count: number }
  /** `suspects`: the numbers (from 1) of the words of which one alone may be wrong; empty where more than one is. */
  | { readonly kind: 'checksum'; readonly suspects: readonly number[] };

/** Four words of identifier and parameters stand before a share's value, three of checksum after it. */
const WORDS_AROUND_VALUE = 7;
const LONGEST = 33;

/** Numbers of words that a share of 128 to 256 bits can have, in steps of 16 bits: 20 to 33, not each of them. */
const LENGTHS: ReadonlySet<number> = new Set(
  Array.from({ length: 9 }, (_, step) => WORDS_AROUND_VALUE + Math.ceil((128 + 16 * step) / 10)),
);

/**
 * Checks the words of one share or key and says where to look, for a person who is typing them from paper: words
 * that are not on the list, a wrong number of words, or a wrong checksum and, where a single word explains it, that
 * word's number. It never says what a wrong word should have been if the word is on the list, and corrects nothing:
 * a guess that fits is still a guess, and the credential behind it may be opened once.
 */
export function validateWords(text: string): WordsVerdict {
  const words = wordsIn(text);
  if (words.length > LONGEST) return { kind: 'length', count: words.length };
  const unknown = words.flatMap((word, at) =>
    indexOfWord(word) === undefined ? [{ number: at + 1, word, meant: wordsMeantBy(word) }] : [],
  );
  if (unknown.length > 0) return { kind: 'unknown-words', unknown };
  if (!LENGTHS.has(words.length)) return { kind: 'length', count: words.length };
  const indices = words.map((word) => indexOfWord(word) ?? 0);
  if (isIntact(indices)) return { kind: 'intact' };
  return { kind: 'checksum', suspects: suspects(indices).map((place) => place + 1) };
}
