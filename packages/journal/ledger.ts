import { HalliganError, sameBytes } from '@halligan/format';
import { leafHash, type MemoryTree, parseVerifierKey } from '@halligan/tlog';
import { decodeEntry } from './entry.ts';
import { isDirectory } from './folder.ts';
import { closed } from './group-commit.ts';
import type { Checkpoint, Entry, JournalReader, Size } from './journal.ts';
import { JournalFile } from './journal-file.ts';
import type { Sharing } from './range-threads.ts';
import { type Anchor, type Replayed, replay } from './replay.ts';
import { corrupt, storageError } from './storage-error.ts';
import type { StoredEntry } from './stored.ts';

/** Rows fetched at once: 16 MB at most. */
const PAGE = 256;

/** A verified journal file with the tree over it: everything a reader needs, up to the latest durable checkpoint. */
export class Ledger implements JournalReader {
  readonly origin: string;
  readonly #file: JournalFile;
  /** May already hold leaves that are still being committed: nothing beyond `#checkpoint.size` is ever shown. */
  readonly #tree: MemoryTree;
  #checkpoint: Checkpoint;

  constructor(origin: string, file: JournalFile, { tree, checkpoint }: Replayed) {
    this.origin = origin;
    this.#file = file;
    this.#tree = tree;
    this.#checkpoint = checkpoint;
  }

  checkpoint(): Checkpoint {
    return this.#checkpoint;
  }

  /** What the tree now holds has become durable under this checkpoint. */
  advance(checkpoint: Checkpoint): void {
    this.#checkpoint = checkpoint;
  }

  async *read(from: Size, to: Size = this.#checkpoint.size): AsyncGenerator<Entry, void> {
    this.requireWithin(to, this.#checkpoint.size);
    this.requireWithin(from, to);
    for (let at = from; at < to; ) {
      if (!this.#file.isOpen) throw closed();
      const rows = this.#page(at, to);
      if (rows.length === 0) throw this.#damaged(at);
      for (const row of rows) {
        yield this.#verified(row, at);
        at += 1;
      }
    }
  }

  inclusionProof(index: Size, size: Size): readonly Uint8Array[] {
    this.requireWithin(size, this.#checkpoint.size);
    this.requireWithin(index, size - 1);
    return this.#tree.inclusionProof(index, size);
  }

  consistencyProof(size1: Size, size2: Size): readonly Uint8Array[] {
    this.requireWithin(size2, this.#checkpoint.size);
    this.requireWithin(size1, size2);
    return this.#tree.consistencyProof(size1, size2);
  }

  node(level: number, index: number): Uint8Array {
    this.requireWithin((index + 1) * 2 ** level, this.#checkpoint.size);
    return this.#tree.node(level, index);
  }

  async close(): Promise<void> {
    this.#file.close();
  }

  /** @throws `journal.range` unless the value is a whole number from 0 to `limit` */
  requireWithin(value: Size, limit: Size): void {
    if (Number.isSafeInteger(value) && value >= 0 && value <= limit) return;
    throw new HalliganError(
      'journal.range',
      `The journal was asked about entry or size ${value}; here it can be ${limit} at most.`,
      'Ask about entries below the size of a checkpoint of this journal.',
    );
  }

  #page(from: Size, to: Size): readonly StoredEntry[] {
    try {
      return this.#file.entries(from, to, PAGE);
    } catch (cause) {
      throw storageError(this.#file.folder, cause);
    }
  }

  #verified({ entry, bytes }: StoredEntry, index: Size): Entry {
    if (entry !== index || !sameBytes(leafHash(bytes), this.#tree.node(0, index))) {
      throw this.#damaged(index);
    }
    // Many read the bytes alone, to show or to hash them.
    return {
      index,
      bytes,
      get group() {
        return decodeEntry(index, bytes);
      },
    };
  }

  #damaged(index: Size): HalliganError {
    return corrupt(this.#file.folder, `Entry ${index} has changed since the journal was opened.`);
  }
}

/**
 * Opens a journal to read it, as it stands now, beside a running server or from a backup on read-only media, and
 * verifies all of it. It takes no lock and shuts nobody out.
 * @param verifier the log's verifier key, `<name>+<id>+<base64>`
 * @param anchor a checkpoint known from elsewhere that the journal must contain
 * @param sharing how the hashing of a long journal is shared among threads; tests share short ones
 * @throws `journal.missing`, `journal.corrupt`, `journal.origin`, `journal.rolled-back`, `journal.version`
 */
export async function readJournal(
  folder: string,
  verifier: string,
  anchor?: Anchor,
  sharing?: Sharing,
): Promise<JournalReader> {
  const { name: origin } = parseVerifierKey(verifier);
  if (!isDirectory(folder) || !JournalFile.isIn(folder)) throw missing(folder);
  const file = JournalFile.openToRead(folder);
  try {
    return new Ledger(origin, file, await replay(file, verifier, { anchor, sharing }));
  } catch (cause) {
    file.close();
    throw storageError(folder, cause);
  }
}

/** There is no journal where there should be one. */
export function missing(folder: string): HalliganError {
  return new HalliganError(
    'journal.missing',
    `There is no journal in ${folder}.`,
    'Check the name, and whether the volume it lies on is mounted.',
  );
}
