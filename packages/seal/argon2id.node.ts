import { argon2 } from 'node:crypto';
import { promisify } from 'node:util';
import type { Argon2id } from './check-words.ts';

const native = promisify(argon2);

/** Argon2id (RFC 9106) by the platform, off the main thread. */
export const argon2id: Argon2id = async ({ message, salt, memory, passes, parallelism, size }) =>
  new Uint8Array(
    await native('argon2id', {
      message,
      nonce: salt,
      memory,
      passes,
      parallelism,
      tagLength: size,
    }),
  );
