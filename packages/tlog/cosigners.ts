import { HalliganError, hex } from '@halligan/format';
import { verifySignatures } from './note.ts';
import { parseVerifierKey } from './note-key.ts';

/** A cosigner that signed a checkpoint with all of its keys that are named, and when, in POSIX seconds. */
export interface Cosigned {
  readonly name: string;
  readonly time: number;
}

/**
 * The cosigners that a list of verifier keys names, each with its keys: one, or an Ed25519 and an ML-DSA-44 one.
 * @throws `tlog.cosigners` where a key is no cosigner's, or one key stands under two names: its Ed25519 cosignatures
 *   do not cover the name, so that one cosigner would count twice; `tlog.key-syntax`
 */
export function cosignersOf(keys: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const named = new Map<string, string[]>();
  const owners = new Map<string, string>();
  for (const key of keys) {
    const { type, name, publicKey } = parseVerifierKey(key);
    if (type === 'ed25519') throw cosigners(`${name} has a log’s key, not a cosigner’s`);
    const owner = owners.get(hex(publicKey));
    if (owner !== undefined) throw cosigners(`${owner} and ${name} have one key`);
    owners.set(hex(publicKey), name);
    named.set(name, [...(named.get(name) ?? []), key]);
  }
  return named;
}

/**
 * Who of these cosigners signed a checkpoint. A cosigner of two keys counts when both signed.
 * @param note the checkpoint, which the caller verified to be the log's
 * @throws `tlog.note-unverified` where a signature under a named key is over something else; `tlog.note-syntax`,
 *   `tlog.cosigners`, `tlog.key-syntax`
 */
export async function cosignedBy(
  note: string,
  keys: readonly string[],
): Promise<readonly Cosigned[]> {
  const { signatures } = await verifySignatures(note, keys);
  const signed = new Map(signatures.map(({ key, time = 0 }) => [key, time]));
  return [...cosignersOf(keys)]
    .filter(([, own]) => own.every((key) => signed.has(key)))
    .map(([name, own]) => ({ name, time: Math.min(...own.map((key) => signed.get(key) ?? 0)) }));
}

function cosigners(why: string): HalliganError {
  return new HalliganError(
    'tlog.cosigners',
    `These are not the keys of cosigners: ${why}.`,
    'Give the verifier keys that each cosigner prints: halligan cosign serve. One key a cosigner.',
  );
}
