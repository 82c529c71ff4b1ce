import type { Json } from '@halligan/format';

/** A number of entries, or the index of one: whole, from 0. */
export type Size = number;

/**
 * What happened together: an input and the events that were decided upon it. Whatever matters later, times
 * included, is in these two: the journal adds nothing.
 */
export interface EventGroup {
  readonly input: Json;
  readonly events: readonly Json[];
}

/** One group as it was stored. `bytes` are the leaf data of the tree: canonical JSON, 65,535 bytes at most. */
export interface Entry {
  readonly index: Size;
  readonly bytes: Uint8Array;
  /** Parsed when it is asked for. @throws `journal.version` where another version of Halligan wrote it */
  readonly group: EventGroup;
}

/** What the log signed about itself at one size. `root` has 32 bytes, `note` is a C2SP tlog-checkpoint, signed with Ed25519. */
export interface Checkpoint {
  readonly size: Size;
  readonly root: Uint8Array;
  readonly note: string;
}

/** A verified journal, to be read. It reads on demand: only the hashes are held in memory, 64 bytes an entry. */
export interface JournalReader {
  /** The log's name: the first line of each checkpoint, and the name of the key that signs it. */
  readonly origin: string;

  /** The latest durable checkpoint. */
  checkpoint(): Checkpoint;

  /**
   * The durable entries from index `from` up to `to`, `to` excluded (by default: all that are durable when reading
   * begins). Each one's hash is compared with the tree again, so a disk that decays is noticed.
   * @throws `journal.range`, `journal.corrupt`, `journal.closed`
   */
  read(from: Size, to?: Size): AsyncIterable<Entry>;

  /** RFC 9162 proof that entry `index` is in the tree of `size` entries, from the leaf up. @throws `journal.range` */
  inclusionProof(index: Size, size: Size): readonly Uint8Array[];

  /** RFC 9162 proof that the tree of `size2` entries begins with that of `size1`. @throws `journal.range` */
  consistencyProof(size1: Size, size2: Size): readonly Uint8Array[];

  /** The root of the complete subtree `index` of 2^level entries, as C2SP tlog-tiles counts them. @throws `journal.range` */
  node(level: number, index: number): Uint8Array;

  /** Ends everything that is under way and lets go of the files. A second call does nothing. */
  close(): Promise<void>;
}

/** A journal held by its one writer. Every driver passes `journalContract`. */
export interface Journal extends JournalReader {
  /**
   * Appends groups, in order, one entry each, and resolves once they are durable, with a checkpoint that covers
   * them. All of one call or none: they are never split over two transactions. What is called while another
   * commit runs shares the next one, with one signature. The groups are read before this returns a promise.
   * @param expect the size that the caller decided upon, groups still pending included
   * @throws `journal.conflict` where `expect` is not the size now; `journal.entry-too-large`, before anything is
   *   written; `journal.commit-failed` for the whole commit and everything that waited behind it (it was decided
   *   upon a state that never came to be): the journal is then at its previous size; `journal.closed`
   */
  append(groups: readonly EventGroup[], expect: Size): Promise<Checkpoint>;

  /**
   * As `read`, and then each entry as it becomes durable, never before. Ends, without throwing, when `signal`
   * aborts or the journal closes. @throws `journal.range` where `from` lies beyond the journal, `journal.corrupt`
   */
  follow(from: Size, signal: AbortSignal): AsyncIterable<Entry>;
}
