import { fromBase64, HalliganError } from '@halligan/format';
import { type Cosigned, cosignedBy, verifyConsistency } from '@halligan/tlog';
import { z } from 'zod';
import { type Anchor, verifyCheckpoint } from './transcript.ts';

const cosignedSchema = z.strictObject({
  v: z.literal('halligan/cosigned/v1'),
  /** The checkpoint with the signatures of the log and of its cosigners. */
  checkpoint: z.string().max(100_000),
  /** That the tree at hand begins with that of the checkpoint. */
  proof: z.array(z.string().length(44)).max(63),
});

/** The latest checkpoint that cosigners signed, and the proof that the record at hand grew from it. */
export type CosignedCheckpoint = z.infer<typeof cosignedSchema>;

/** What a policy asks of cosigners: so many of those whose verifier keys it names. */
export interface CosignerPolicy {
  readonly need: number;
  readonly of: readonly string[];
}

/** A cosigned checkpoint that was verified. */
export interface ProvenCosigned {
  readonly size: number;
  readonly root: Uint8Array;
  readonly by: readonly Cosigned[];
  /** Whether as many signed as the policy asks for; never where it asks for none. */
  readonly isEnough: boolean;
}

/** Parses a cosigned checkpoint from outside. @throws `evidence.cosigned` */
export function cosignedOf(json: unknown): CosignedCheckpoint {
  const parsed = cosignedSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw cosignedError('This is not a cosigned checkpoint');
}

/**
 * Verifies that cosigners, whom the server does not control, signed a checkpoint that the record at hand grew from.
 * Whoever hands it over is the adversary.
 * @param anchor the checkpoint at hand, verified under the same key
 * @throws `evidence.cosigned` where cosigners saw another history, or one signature is over something else
 */
export async function verifyCosigned(
  { checkpoint, proof }: CosignedCheckpoint,
  logKey: string,
  anchor: Anchor,
  { need, of }: CosignerPolicy,
): Promise<ProvenCosigned> {
  const { size, root } = await verifyCheckpoint(checkpoint, logKey, anchor.origin);
  try {
    verifyConsistency({
      size1: size,
      size2: anchor.size,
      proof: proof.map(fromBase64),
      root1: root,
      root2: anchor.root,
    });
  } catch (cause) {
    throw cosignedError(
      `The cosigners’ ${size} entries are not the beginning of these ${anchor.size}`,
      cause,
    );
  }
  let by: readonly Cosigned[];
  try {
    by = await cosignedBy(checkpoint, of);
  } catch (cause) {
    throw cosignedError('A cosignature is not over this checkpoint', cause);
  }
  return { size, root, by, isEnough: need > 0 && by.length >= need };
}

function cosignedError(what: string, cause?: unknown): HalliganError {
  return new HalliganError(
    'evidence.cosigned',
    `${what}.`,
    'The log may have been rewritten: keep this, ask each cosigner for its last checkpoint, and tell security.',
    { cause },
  );
}
