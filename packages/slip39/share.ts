import { HalliganError } from '@halligan/format';
import { regroup } from './bits.ts';
import type { CipherParameters } from './cipher.ts';
import { CHECKSUM_WORDS, checksumOf } from './rs1024.ts';
import { validateWords, type WordsVerdict } from './validate.ts';
import { indexOfWord, wordsIn, wordsOf } from './words.ts';

/** What the words of one share say (SLIP-0039, "Format of the share mnemonic"). Only `value` is secret. */
export interface Share extends CipherParameters {
  /** 0 to 15, below the group count. */
  readonly groupIndex: number;
  /** How many groups are needed, 1 to 16. */
  readonly groupThreshold: number;
  /** How many groups there are, 1 to 16. */
  readonly groupCount: number;
  /** 0 to 15. */
  readonly memberIndex: number;
  /** How many members of this group are needed, 1 to 16. */
  readonly memberThreshold: number;
  /** The share itself, as long as the secret: 16 to 32 bytes. */
  readonly value: Uint8Array;
}

/**
 * What words are for: a `key` is whole by itself (one group, all thresholds 1: a custodian's recovery words), a
 * `share` needs others. A key must never be accepted where a share is asked for, nor the reverse: a person who
 * is talked into typing the wrong paper would give away everything they hold.
 */
export function kindOfWords(share: Share): 'key' | 'share' {
  const alone = share.groupCount === 1 && share.groupThreshold === 1 && share.memberThreshold === 1;
  return alone ? 'key' : 'share';
}

/** The words of a share, checksum included, separated by single spaces. */
export function mnemonicOf(share: Share): string {
  const valueBits = share.value.length * 8;
  const padding = Math.ceil(valueBits / 10) * 10 - valueBits;
  const origin =
    (share.identifier << 5) | (Number(share.extendable) << 4) | share.iterationExponent;
  const place =
    (share.groupIndex << 16) |
    ((share.groupThreshold - 1) << 12) |
    ((share.groupCount - 1) << 8) |
    (share.memberIndex << 4) |
    (share.memberThreshold - 1);
  const indices = [
    ...twoWords(origin),
    ...twoWords(place),
    ...regroup(share.value, 8, 10, padding),
  ];
  return wordsOf([...indices, ...checksumOf(indices)]).join(' ');
}

/**
 * Reads the words of one share, strictly. Upper case and extra white space are forgiven; nothing is corrected.
 * @param name what messages call these words
 * @throws `slip39.unknown-word`, `slip39.length`, `slip39.checksum`, `slip39.padding`, `slip39.parameters`.
 * Messages give numbers of words, never words, because errors end in logs; {@link validateWords} names them.
 */
export function parseShare(mnemonic: string, name = 'These words'): Share {
  const verdict = validateWords(mnemonic);
  if (verdict.kind !== 'intact') throw notIntact(verdict, name);
  const indices = wordsIn(mnemonic).map((word) => indexOfWord(word) ?? 0);
  const [first = 0, second = 0, third = 0, fourth = 0] = indices;
  const origin = (first << 10) | second;
  const place = (third << 10) | fourth;
  const share: Share = {
    identifier: origin >>> 5,
    extendable: ((origin >>> 4) & 1) === 1,
    iterationExponent: origin & 15,
    groupIndex: place >>> 16,
    groupThreshold: ((place >>> 12) & 15) + 1,
    groupCount: ((place >>> 8) & 15) + 1,
    memberIndex: (place >>> 4) & 15,
    memberThreshold: (place & 15) + 1,
    value: valueIn(indices.slice(4, -CHECKSUM_WORDS), name),
  };
  if (share.groupThreshold > share.groupCount || share.groupIndex >= share.groupCount) {
    share.value.fill(0);
    throw new HalliganError(
      'slip39.parameters',
      `${name} contradict themselves: they speak of more groups than there are.`,
      'The program that made them was faulty, or they are forged. Use another share.',
    );
  }
  return share;
}

/** The value's bytes; its words carry up to eight zero bits in front, for words hold ten bits and values 16·n. */
function valueIn(indices: readonly number[], name: string): Uint8Array {
  const padding = (indices.length * 10) % 16;
  if ((indices[0] ?? 0) >>> (10 - padding) !== 0) {
    throw new HalliganError(
      'slip39.padding',
      `${name} have bits where SLIP-0039 wants zeros.`,
      'The program that made them was faulty, or they are forged. Use another share.',
    );
  }
  return new Uint8Array(regroup(indices, 10, 8, -padding));
}

function twoWords(bits: number): readonly number[] {
  return [bits >>> 10, bits & 1023];
}

function notIntact(
  verdict: Exclude<WordsVerdict, { readonly kind: 'intact' }>,
  name: string,
): HalliganError {
  switch (verdict.kind) {
    case 'unknown-words': {
      const numbers = verdict.unknown.map((word) => word.number);
      return new HalliganError(
        'slip39.unknown-word',
        `${name}: ${numbers.length === 1 ? 'word' : 'words'} ${numbers.join(', ')} ${numbers.length === 1 ? 'is' : 'are'} not on the SLIP-0039 list.`,
        'Compare with the paper, letter by letter. The first four letters tell all words apart.',
      );
    }
    case 'length':
      return new HalliganError(
        'slip39.length',
        `${name}: ${verdict.count} words cannot be a share or a key; 20 words carry 128 bits and 33 carry 256.`,
        'Count the words on the paper: one is missing, doubled or split in two.',
      );
    case 'checksum':
      return new HalliganError(
        'slip39.checksum',
        verdict.suspects.length === 0
          ? `${name}: at least two words are wrong, or stand in the wrong place.`
          : `${name}: a word is wrong, most likely word ${verdict.suspects.join(' or ')}.`,
        'Compare with the paper, that word first. Do not guess: a guess that fits is not what was written.',
      );
  }
}
