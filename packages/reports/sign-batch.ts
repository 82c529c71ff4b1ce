import { base64, utf8 } from '@halligan/format';
import { formatCheckpoint, leafHash, type NoteSigner, signNote, type Tree } from '@halligan/tlog';
import type { Batch } from './batch.ts';
import type { Head } from './machine-log.ts';
import { treeOf } from './machine-log.ts';

/**
 * The next batch of a machine's journal: its reports appended to the head, and the checkpoint over all of it. For agents;
 * one without reports asks the server how far it is.
 */
export async function signBatch(
  head: Pick<Head, 'size' | 'frontier'>,
  reports: readonly string[],
  signer: NoteSigner,
): Promise<{ readonly batch: Batch; readonly head: Head }> {
  const tree = treeOf(head);
  for (const report of reports) tree.append(leafHash(utf8(report)));
  const { size } = tree;
  const checkpoint = await signNote(
    formatCheckpoint({ origin: signer.name, size, root: tree.root() }),
    signer,
  );
  return {
    batch: { from: head.size, checkpoint, reports },
    head: { size, frontier: frontierOf(tree), checkpoint },
  };
}

/** A tree's right edge, as heads write it. */
export function frontierOf(tree: Tree): readonly string[] {
  return tree.frontier().hashes.map(base64);
}
