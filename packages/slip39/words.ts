import { HalliganError } from '@halligan/format';
import { regroup } from './bits.ts';
import { wordlist } from './wordlist.ts';

const indexOf: ReadonlyMap<string, number> = new Map(wordlist.map((word, index) => [word, index]));

/**
 * The words of a text as a person types them: upper case and extra white space are forgiven, nothing else.
 * In particular no word is completed from its first letters: a slip must stay visible.
 */
export function wordsIn(text: string): readonly string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

/** A word's ten bits, 0 to 1023, or undefined for a word that is not on the list. */
export function indexOfWord(word: string): number | undefined {
  return indexOf.get(word);
}

/** The words of indices from 0 to 1023. */
export function wordsOf(indices: readonly number[]): string[] {
  return indices.map((index) => wordlist[index & 1023] ?? '');
}

/**
 * The first 10 × `wordCount` bits of `bytes` as words to be read out and compared: a fingerprint without checksum.
 * @throws `slip39.parameters` where the bytes are too few or the count is not a whole number from 1.
 */
export function wordsOfBits(bytes: Uint8Array, wordCount: number): string[] {
  if (!Number.isInteger(wordCount) || wordCount < 1 || wordCount * 10 > bytes.length * 8) {
    throw new HalliganError(
      'slip39.parameters',
      `${bytes.length} bytes do not give ${wordCount} words of ten bits.`,
      'Ask for fewer words, or give a longer digest.',
    );
  }
  return wordsOf(regroup(bytes, 8, 10, 0).slice(0, wordCount));
}
