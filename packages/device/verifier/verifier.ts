import { argon2, createHmac, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { concat, utf8 } from '@halligan/format';

const native = promisify(argon2);
let turn: Promise<unknown> = Promise.resolve();

/** One derivation after the other, off the main thread: fifty at once cost as much memory as one. */
function derive(...asked: Parameters<typeof native>): ReturnType<typeof native> {
  const done = turn.then(() => native(...asked));
  turn = done.catch(() => undefined);
  return done;
}

/** What a guess costs: Argon2id (RFC 9106) with `memory` in KiB. */
export interface GuessCost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** RFC 9106 section 4, the second recommendation: nothing here is ever cheaper. */
export const LEAST_COST: GuessCost = { memory: 64 * 1024, passes: 3, parallelism: 4 };

/**
 * What is kept of a password after an online sign-in that completed all its factors. Without the machine's key it tells
 * nothing; it cannot be moved to another user, nor made younger.
 */
export interface Verifier {
  readonly v: 'halligan/verifier/v1';
  /** The user's id at the provider, which outlives a change of name. */
  readonly subject: string;
  /** Of the online sign-in, in seconds of the machine's own time. */
  readonly at: number;
  readonly cost: GuessCost;
  /** 16 bytes. */
  readonly salt: Uint8Array;
  /** 32 bytes: HMAC-SHA256, by the machine's key, over all the above and the password's Argon2id. */
  readonly mac: Uint8Array;
}

/**
 * Makes a verifier.
 * @param password as it was typed; whoever calls wipes it
 * @param key 32 bytes, the machine's own: sealed to its TPM, or in a file of root's
 * @param salt 16 fresh random bytes
 */
export async function makeVerifier(
  password: Uint8Array,
  key: Uint8Array,
  salt: Uint8Array,
  about: Pick<Verifier, 'subject' | 'at' | 'cost'>,
): Promise<Verifier> {
  const known = { v: 'halligan/verifier/v1', ...about, salt } as const;
  return { ...known, mac: await macOf(password, key, known) };
}

/** Whether it is the password, compared in constant time. Costs as much whatever the answer is. */
export async function isPassword(
  guess: Uint8Array,
  key: Uint8Array,
  { mac, ...known }: Verifier,
): Promise<boolean> {
  const guessed = await macOf(guess, key, known);
  return guessed.length === mac.length && timingSafeEqual(guessed, mac);
}

/** A guess at nothing, for what it costs. */
export async function guess(cost: GuessCost): Promise<void> {
  const nothing = new Uint8Array(16);
  await derive('argon2id', { message: nothing, nonce: nothing, ...cost, tagLength: 32 });
}

/** A verifier that nothing fits, for whoever is not known. */
export function nobody({
  cost,
  random,
}: {
  readonly cost: GuessCost;
  readonly random: (size: number) => Uint8Array;
}): Verifier {
  return {
    ...{ v: 'halligan/verifier/v1', subject: '', at: 0, cost },
    ...{ salt: random(16), mac: new Uint8Array(32) },
  };
}

async function macOf(
  password: Uint8Array,
  key: Uint8Array,
  { v, subject, at, cost, salt }: Omit<Verifier, 'mac'>,
): Promise<Uint8Array> {
  const { memory, passes, parallelism } = cost;
  const tag = await derive('argon2id', {
    ...{ message: password, nonce: salt, memory, passes, parallelism, tagLength: 32 },
  });
  const context = JSON.stringify([v, subject, at, memory, passes, parallelism]);
  const mac = createHmac('sha256', key)
    .update(concat(utf8(context), salt, tag))
    .digest();
  tag.fill(0);
  return new Uint8Array(mac);
}
