import { argon2idAsync } from '@noble/hashes/argon2.js';
import type { Argon2id } from './check-words.ts';

/** Argon2id (RFC 9106) where the platform has none; it lets the page breathe while it works. */
export const argon2id: Argon2id = ({ message, salt, memory, passes, parallelism, size }) =>
  argon2idAsync(message, salt, { m: memory, t: passes, p: parallelism, dkLen: size });
