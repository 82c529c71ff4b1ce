import { fromBase64, HalliganError, sameBytes } from '@halligan/format';
import {
  type Checkpoint,
  leafHash,
  parseCheckpoint,
  parseVerifierKey,
  Tree,
  verifyNote,
} from '@halligan/tlog';
import { type Report, reportOf } from './report.ts';

/** How far a machine's journal is known: its right edge, and the checkpoint that signed it; null for the empty one. */
export interface Head {
  readonly size: number;
  /** Roots of the complete subtrees, largest first, base64: one for each bit set in `size`. */
  readonly frontier: readonly string[];
  readonly checkpoint: string | null;
}

/** The tree of a head, to append to. @throws `tlog.range`, `tlog.hash-size`, `format.base64` */
export function treeOf({ size, frontier }: Pick<Head, 'size' | 'frontier'>): Tree {
  return new Tree({ size, hashes: frontier.map(fromBase64) });
}

/**
 * The checkpoint that a machine signed: under its key, of the journal that bears the key's name, and nothing besides.
 * @throws `reports.signature`
 */
export async function requireSigned(checkpoint: string, logKey: string): Promise<Checkpoint> {
  try {
    const { name, type } = parseVerifierKey(logKey);
    const said = parseCheckpoint((await verifyNote(checkpoint, [logKey])).text);
    if (type === 'ed25519' && said.origin === name && said.extensions.length === 0) return said;
  } catch {
    // Forged, foreign or garbled: which of them is nobody's business who has no key.
  }
  throw new HalliganError(
    'reports.signature',
    'This checkpoint is not signed by the key that this machine is enrolled with.',
    'Compare the keys: halligan machine show. A machine that was set up anew has a new one: halligan machine add --replace.',
  );
}

/** What a batch adds to a head. */
export interface Extended {
  readonly tree: Tree;
  /** Those that are new, read. */
  readonly reports: readonly Report[];
}

/**
 * Whether reports lead from a head to a checkpoint: their hashes, appended to the head's tree, must come to the root that
 * the machine signed.
 * @param from index of the first of `lines`; those that the head has already are passed over
 * @throws `reports.report`, `reports.root`
 */
export function extended(
  head: Pick<Head, 'size' | 'frontier'>,
  from: number,
  lines: readonly Uint8Array[],
  { size, root }: Checkpoint,
): Extended {
  const tree = treeOf(head);
  const fresh = lines.slice(head.size - from);
  for (const line of fresh) tree.append(leafHash(line));
  if (tree.size !== size || !sameBytes(tree.root(), root))
    throw new HalliganError(
      'reports.root',
      'These reports do not lead to the checkpoint that the machine signed.',
      'Send an empty batch with the machine’s checkpoint at the size that is known here: if that fails too, its journal is another one than it showed before.',
    );
  return { tree, reports: fresh.map(reportOf) };
}
