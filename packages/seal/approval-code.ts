import { HalliganError, utf8 } from '@halligan/format';
import { wordlist, wordsOfBits } from '@halligan/slip39';
import { argon2id } from '#argon2id';
import type { Argon2id } from './check-words.ts';

/** As the check words are stretched, to a whole key. */
const PARAMETERS = { memory: 64 << 10, passes: 3, parallelism: 1, size: 32 } as const;
/** Fifty bits: at a tenth of a second and 64 MiB a guess, three and a half million years of one processor. */
const WORDS = 5;

/** Where a spoken code belongs: whose sheet, which one, its number there, and whether it is for drills. */
export interface CodePlace {
  readonly origin: string;
  readonly person: string;
  /** 16 bytes of the sheet, hexadecimal. */
  readonly salt: string;
  readonly purpose: 'real' | 'drill';
  readonly number: number;
}

/** Five SLIP-39 words that nobody can foresee. @param random for tests; 7 bytes are taken */
export function makeApprovalCode(
  random: (size: number) => Uint8Array = (size) => crypto.getRandomValues(new Uint8Array(size)),
): readonly string[] {
  return wordsOfBits(random(7), WORDS);
}

/**
 * What stands behind a spoken code: the words, stretched, so that who sees its commitment cannot try all words.
 * @param text the five words as somebody typed them; upper case and extra white space are forgiven
 * @returns 32 bytes; its SHA-256 is the commitment on the record
 * @throws `seal.approval-code`
 */
export async function stretchApprovalCode(
  text: string,
  { origin, person, salt, purpose, number }: CodePlace,
  hash: Argon2id = argon2id,
): Promise<Uint8Array> {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const stranger = words.findIndex((word) => !wordlist.includes(word));
  if (words.length !== WORDS || stranger >= 0)
    throw new HalliganError(
      'seal.approval-code',
      words.length === WORDS
        ? `Word ${stranger + 1} of this code is not on the list.`
        : `A spoken code has ${WORDS} words, not ${words.length}.`,
      'Ask the approver to read it again.',
    );
  return hash({
    ...PARAMETERS,
    message: utf8(words.join(' ')),
    salt: utf8(`halligan/approval-code/v1\n${origin}\n${person}\n${salt}\n${purpose}\n${number}`),
  });
}
