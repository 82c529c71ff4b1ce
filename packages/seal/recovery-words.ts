import { HalliganError } from '@halligan/format';
import { combine, kindOfWords, parseShare, type Random, split } from '@halligan/slip39';
import { identityBytes, identityOfBytes, type RecipientKind } from './identity.ts';

/** 256 bits in SLIP-39 words. */
const WORDS = 33;

/**
 * A custodian's key as 33 words for paper: SLIP-39 of the identity's 32 bytes as a single 1-of-1, which marks
 * them as a key: they open everything sealed to this person, and no form that asks for a share takes them.
 * Each call gives other words for the same key.
 * @returns the words, separated by single spaces
 * @throws `seal.identity`
 */
export function recoveryWords(identity: string, random?: Random): string {
  const secret = identityBytes(identity);
  try {
    const groups = [{ threshold: 1, count: 1 }];
    // There is no passphrase that iterations could guard.
    const words = split({ secret, groupThreshold: 1, groups, iterationExponent: 0, random });
    return words[0]?.[0] ?? '';
  } finally {
    secret.fill(0);
  }
}

/**
 * The identity that recovery words carry.
 * @param kind of the organisation's keys; the words do not say it
 * @throws `seal.share-not-key` for the words of a share, `seal.recovery-words` for a key of another size, and
 *   what `parseShare` of `@halligan/slip39` throws for mistyped words
 */
export function identityFromRecoveryWords(words: string, kind: RecipientKind): string {
  if (readWords(words) === 'share') {
    throw new HalliganError(
      'seal.share-not-key',
      'These are the words of a share, not recovery words.',
      'Use the paper that says "recovery words". Put the share away: it is asked for only when a seal is opened.',
    );
  }
  const secret = combine([words]);
  try {
    if (secret.length !== 32) {
      throw new HalliganError(
        'seal.recovery-words',
        `These words carry a key of ${secret.length} bytes; recovery words carry 32, in ${WORDS} words.`,
        'Use the paper that Halligan printed for this key.',
      );
    }
    return identityOfBytes(kind, secret);
  } finally {
    secret.fill(0);
  }
}

/**
 * Refuses a key where a share is asked for: a person who is talked into it would hand over everything that is
 * sealed to them, for good, instead of one share of one credential.
 * @throws `seal.key-not-share`, and what `parseShare` of `@halligan/slip39` throws for mistyped words
 */
export function requireShareWords(words: string): void {
  if (readWords(words) === 'key') throw keyNotShare();
}

/** Whether a text is the words of a key; false for everything that is not SLIP-39 words. */
export function isKeyWords(text: string): boolean {
  try {
    return readWords(text) === 'key';
  } catch {
    return false;
  }
}

export function keyNotShare(): HalliganError {
  return new HalliganError(
    'seal.key-not-share',
    'These are recovery words, a whole key, where a share is asked for.',
    'Keep them to yourself: nobody ever needs them to open a seal. If anyone has seen them, make a new key.',
  );
}

function readWords(words: string): 'key' | 'share' {
  const share = parseShare(words);
  share.value.fill(0);
  return kindOfWords(share);
}
