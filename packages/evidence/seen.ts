import { base64, fromBase64, fromHex, HalliganError, type Json } from '@halligan/format';
import { verifyConsistency } from '@halligan/tlog';
import { z } from 'zod';
import type { Anchor, Group } from './transcript.ts';

/** Proves that the tree of `to` leaves begins with that of `from` leaves: hashes as in RFC 9162, 2.1.4. */
export type ConsistencyProof = (from: number, to: number) => readonly Uint8Array[];

/** The most checkpoints that a pack's statements may quote. */
const MAX_SEEN = 20_000;

const seenSchema = z
  .array(
    z.strictObject({
      size: z.int().min(0),
      root: z.string().regex(/^[0-9a-f]{64}$/),
      proof: z.array(z.string().length(44)).max(63),
    }),
  )
  .max(MAX_SEEN);

interface Quoted {
  readonly size: number;
  readonly root: string;
  /** The first entry that quotes it, and who signed there: a second history names who was shown it. */
  readonly index: number;
  readonly by: string;
}

/** Every checkpoint that the statements of a record quote as the last one their signer's device saw, once each. */
function quotedBy(groups: readonly Group[]): readonly Quoted[] {
  const found = new Map<string, Quoted>();
  for (const { index, input } of groups) {
    if (input.type !== 'statements') continue;
    for (const { statement } of input.signed) {
      const { size, root } = statement.journal;
      const key = `${size} ${root}`;
      if (!found.has(key)) found.set(key, { size, root, index, by: statement.by });
    }
  }
  return [...found.values()].sort((a, b) => a.size - b.size || (a.root < b.root ? -1 : 1));
}

/**
 * Makes `seen.json`: for each checkpoint that a statement quotes, the proof that the pack's checkpoint grew from it.
 * @param consistency only asked for sizes between 0 and `size`, both excluded
 */
export function makeSeen(
  groups: readonly Group[],
  size: number,
  consistency: ConsistencyProof,
): Json {
  return quotedBy(groups).map((quoted) => ({
    size: quoted.size,
    root: quoted.root,
    proof:
      quoted.size === 0 || quoted.size >= size ? [] : consistency(quoted.size, size).map(base64),
  }));
}

/**
 * Verifies that every signer's device had seen a beginning of this very log. A server that showed one person another
 * history than another cannot join what the two signed.
 * @returns how many checkpoints were compared
 * @throws `evidence.seen` naming the entry
 */
export function verifySeen(json: Json, groups: readonly Group[], anchor: Anchor): number {
  const parsed = seenSchema.safeParse(json);
  const quoted = quotedBy(groups);
  if (!parsed.success || parsed.data.length !== quoted.length)
    throw seenError('seen.json does not prove the checkpoints that the statements quote');
  for (const [at, { size, root, index, by }] of quoted.entries()) {
    const given = parsed.data[at];
    if (given === undefined || given.size !== size || given.root !== root)
      throw seenError(`seen.json leaves out the checkpoint that entry ${index} quotes`);
    try {
      verifyConsistency({
        size1: size,
        size2: anchor.size,
        proof: given.proof.map(fromBase64),
        root1: fromHex(root),
        root2: anchor.root,
      });
    } catch (cause) {
      throw seenError(
        `Entry ${index}: ${by}’s device had seen another history of ${size} entries than this log`,
        cause,
      );
    }
  }
  return quoted.length;
}

function seenError(what: string, cause?: unknown): HalliganError {
  return new HalliganError(
    'evidence.seen',
    `${what}.`,
    'The log was rewritten, or showed two histories: keep this pack, and compare with what the signers’ devices hold.',
    { cause },
  );
}
