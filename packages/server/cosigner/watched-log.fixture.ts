/** A log that grows, and asks to be cosigned. */
import { utf8 } from '@halligan/format';
import {
  formatAddCheckpoint,
  formatCheckpoint,
  generateNoteKey,
  leafHash,
  MemoryTree,
  signNote,
} from '@halligan/tlog';

export interface WatchedLog {
  readonly origin: string;
  readonly logKey: string;
  readonly tree: MemoryTree;
  readonly grow: (count: number, what?: string) => void;
  /** The request for the log's size now. */
  readonly request: (oldSize: number) => Promise<string>;
  readonly note: () => Promise<string>;
}

/** `fork` gives a log of the same keys with another history from that size on. */
export async function watchedLog(
  origin = 'log.example/contoso',
): Promise<WatchedLog & { readonly fork: (size: number) => WatchedLog }> {
  const [key, pq] = [await generateNoteKey(origin), await generateNoteKey(origin, 'ml-dsa-44')];
  const over = (tree: MemoryTree): WatchedLog => {
    const note = () =>
      signNote(formatCheckpoint({ origin, size: tree.size, root: tree.root() }), [
        key.signer,
        pq.signer,
      ]);
    return {
      origin,
      logKey: `${key.verifier}\n${pq.verifier}`,
      tree,
      note,
      grow: (count, what = 'entry') => {
        for (let at = 0; at < count; at += 1) tree.append(leafHash(utf8(`${what} ${tree.size}`)));
      },
      request: async (oldSize) =>
        formatAddCheckpoint({
          oldSize,
          proof: oldSize > tree.size ? [] : tree.consistencyProof(oldSize),
          note: await note(),
        }),
    };
  };
  const own = over(new MemoryTree());
  return {
    ...own,
    fork: (size) =>
      over(new MemoryTree(Array.from({ length: size }, (_, at) => own.tree.node(0, at)))),
  };
}
