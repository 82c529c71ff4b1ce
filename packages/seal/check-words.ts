import { utf8 } from '@halligan/format';
import { wordsOfBits } from '@halligan/slip39';
import { argon2id } from '#argon2id';

/** Argon2id (RFC 9106): `memory` in KiB, `size` of the answer in bytes. */
export type Argon2id = (parameters: {
  readonly message: Uint8Array;
  readonly salt: Uint8Array;
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly size: number;
}) => Promise<Uint8Array>;

/** 5 bytes are four words of ten bits. */
const PARAMETERS = { memory: 64 << 10, passes: 3, parallelism: 1, size: 5 } as const;
const WORDS = 4;

/**
 * Four SLIP-39 words of a statement, which requester and holder compare by voice: a server that shows them two
 * requests must find a second one with the same words. 2^40 tries of 64 MiB and a tenth of a second each make
 * 3,500 years of one processor, and the request lives for minutes.
 * @param statement the whole canonical bytes
 * @param hash for tests; default: the platform's
 */
export async function checkWords(
  statement: Uint8Array,
  hash: Argon2id = argon2id,
): Promise<string[]> {
  const salt = utf8('halligan/check/v1');
  return wordsOfBits(await hash({ ...PARAMETERS, message: statement.slice(), salt }), WORDS);
}
