import { HalliganError } from '@halligan/format';
import { type VerifiedNote, verifyNote } from './note.ts';
import { parseVerifierKey } from './note-key.ts';

/**
 * The verifier keys of a log as `log.pub` has them, a line a key: Ed25519, and an ML-DSA-44 one where the log is
 * hybrid. Both bear the log's name, which is its origin.
 * @throws `tlog.key-syntax`
 */
export function logKeysOf(logKey: string): {
  readonly origin: string;
  readonly keys: readonly string[];
  /** The Ed25519 key, which signs every checkpoint. */
  readonly classical: string;
} {
  const [classical = '', ...more] = logKey.split('\n');
  const first = parseVerifierKey(classical);
  const others = more.map(parseVerifierKey);
  const fits =
    first.type === 'ed25519' &&
    others.length <= 1 &&
    others.every(({ type, name }) => type === 'ml-dsa-44' && name === first.name);
  if (fits) return { origin: first.name, keys: [classical, ...more], classical };
  throw new HalliganError(
    'tlog.key-syntax',
    'These are not the keys of one log.',
    'Give log.pub as it was made: an Ed25519 key, and under it an ML-DSA-44 key of the same name, if the log has one.',
  );
}

/**
 * Verifies a note that left a log: each of the log's keys must have signed it. Whoever breaks one of two algorithms
 * has nothing then.
 * @throws `tlog.note-unverified`, `tlog.note-syntax`, `tlog.key-syntax`
 */
export async function verifyLogNote(note: string, logKey: string): Promise<VerifiedNote> {
  const { keys, origin } = logKeysOf(logKey);
  const verified = await verifyNote(note, keys);
  const missing = keys.length - verified.signatures.length;
  if (missing === 0) return verified;
  throw new HalliganError(
    'tlog.note-unverified',
    `This note must be ignored: ${origin} has ${keys.length} keys, and ${verified.signatures.length} of them signed it.`,
    'A log that has a post-quantum key signs with both whatever leaves it. Ask for the note again.',
  );
}
