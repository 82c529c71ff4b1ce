import { join } from 'node:path';
import type { HalliganError } from '@halligan/format';
import { emptyRoot, type MemoryTree, parseNote, parseVerifierKey } from '@halligan/tlog';
import { Ballast, freeBytes } from './ballast.ts';
import { encodeEntry } from './entry.ts';
import { prepareFolder } from './folder.ts';
import { GroupCommit } from './group-commit.ts';
import { Growth } from './growth.ts';
import { HotSigner } from './hot-signer.ts';
import type { Checkpoint, Entry, EventGroup, Journal, Size } from './journal.ts';
import { JournalFile } from './journal-file.ts';
import { Ledger, missing } from './ledger.ts';
import { WriterLock } from './lock.ts';
import type { Sharing } from './range-threads.ts';
import { type Anchor, replay } from './replay.ts';
import { corrupt, isFull, storageError } from './storage-error.ts';

/** With less than this free at the start, the ballast is spent at once: SQLite needs about as much to open. */
const NEEDED_TO_OPEN = 1 << 20;

/** How many bytes of entries are committed before the reserve is looked after again. */
const TEND_EVERY = 1 << 20;

export interface SqliteOptions {
  /** The data folder, on a local disk. Made, mode 0700, where it does not exist. */
  readonly folder: string;
  /** The log's secret key, `PRIVATE+KEY+<name>+<id>+<base64>`. Its name is the origin. */
  readonly signer: string;
  /** Whether to begin a journal where there is none; by default yes. A server past its setup says no: an unmounted volume must not look like a new organisation. */
  readonly create?: boolean;
  /** A checkpoint known from elsewhere that the journal must contain. */
  readonly anchor?: Anchor | undefined;
  /** The tree over the first entries, from who verified them before: only the rest is hashed at the start. */
  readonly known?: MemoryTree | undefined;
  /** How the hashing of a long journal is shared among threads; tests share short ones. */
  readonly sharing?: Sharing | undefined;
  /** Verifier key that signed the journal before `signer` did: its last checkpoint is signed again, over the same entries. */
  readonly follows?: string | undefined;
  /** Bytes of the ballast file; 16 MB by default, 0 for none. */
  readonly ballast?: number;
}

/**
 * Opens the journal of a data folder to write: takes the writer's lock, verifies everything, and looks after the
 * reserve for a full disk.
 * @throws `journal.locked`, `journal.read-only`, `journal.folder`, `journal.missing`, `journal.version`,
 *   `journal.corrupt`, `journal.origin`, `journal.rolled-back`, `tlog.key-syntax`
 */
export async function openJournal({
  folder,
  signer: signerKey,
  create = true,
  anchor,
  known,
  sharing,
  follows,
  ballast: ballastBytes,
}: SqliteOptions): Promise<SqliteJournal> {
  const signer = await HotSigner.open(signerKey);
  prepareFolder(folder);
  const lock = WriterLock.take(folder);
  let file: JournalFile | undefined;
  try {
    const ballast = new Ballast(join(folder, 'ballast'), ballastBytes);
    if (freeBytes(folder) < NEEDED_TO_OPEN) ballast.spend();
    if (!JournalFile.isIn(folder)) {
      if (!create) throw missing(folder);
      JournalFile.create(folder, signer.sign(0, emptyRoot()));
    }
    file = JournalFile.open(folder);
    if (follows !== undefined) await takeOver(file, follows, signer);
    const { tree, checkpoint } = await replay(file, signer.verifier, { anchor, known, sharing });
    file.upgrade();
    return new SqliteJournal({ folder, signer, lock, ballast, file, tree, checkpoint });
  } catch (cause) {
    file?.close();
    lock.release();
    throw storageError(folder, cause);
  }
}

/** Signs the last checkpoint again with a new key, once the old key's signature under it was verified. */
async function takeOver(file: JournalFile, follows: string, signer: HotSigner): Promise<void> {
  const { name, keyId } = parseVerifierKey(follows);
  const { note } = file.latestCheckpoint();
  if (!parseNote(note).signatures.some((line) => line.name === name && line.keyId === keyId))
    return;
  const { checkpoint } = await replay(file, follows);
  file.upgrade();
  file.signAgain(signer.sign(checkpoint.size, checkpoint.root));
}

interface Parts {
  readonly folder: string;
  readonly signer: HotSigner;
  readonly lock: WriterLock;
  readonly ballast: Ballast;
  readonly file: JournalFile;
  readonly tree: MemoryTree;
  readonly checkpoint: Checkpoint;
}

/** The embedded driver: one file, `node:sqlite`, a commit for each group of appends. See {@link openJournal}. */
export class SqliteJournal implements Journal {
  readonly #parts: Parts;
  readonly #ledger: Ledger;
  readonly #commits: GroupCommit;
  readonly #growth: Growth;
  #untended = 0;
  #reserveFilled: boolean;
  /** Set when memory and disk no longer agree: nothing is written after that. */
  #broken: HalliganError | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { size } = parts.checkpoint;
    this.#ledger = new Ledger(parts.signer.origin, parts.file, parts);
    this.#commits = new GroupCommit(size, (batch, first) => this.#commit(batch, first));
    this.#growth = new Growth(size);
    this.#reserveFilled = this.#tendReserve();
  }

  get origin(): string {
    return this.#ledger.origin;
  }

  /** Whether there is room for an emergency even on a full disk. If not, somebody should free space. */
  get reserveHeld(): boolean {
    return this.#reserveFilled && this.ballast.held;
  }

  /** The ballast of the data folder, for the blobs and seals that lie beside the journal. */
  get ballast(): Ballast {
    return this.#parts.ballast;
  }

  checkpoint(): Checkpoint {
    return this.#ledger.checkpoint();
  }

  async append(groups: readonly EventGroup[], expect: Size): Promise<Checkpoint> {
    return this.#commits.append(groups.map(encodeEntry), expect);
  }

  read(from: Size, to?: Size): AsyncGenerator<Entry, void> {
    return this.#ledger.read(from, to);
  }

  async *follow(from: Size, signal: AbortSignal): AsyncGenerator<Entry, void> {
    this.#ledger.requireWithin(from, this.#growth.size);
    for (let next = from; await this.#growth.beyond(next, signal); ) {
      if (this.#closing !== undefined) return;
      for await (const entry of this.#ledger.read(next, this.#growth.size)) {
        yield entry;
        next = entry.index + 1;
        if (signal.aborted || this.#closing !== undefined) return;
      }
    }
  }

  inclusionProof(index: Size, size: Size): readonly Uint8Array[] {
    return this.#ledger.inclusionProof(index, size);
  }

  consistencyProof(size1: Size, size2: Size): readonly Uint8Array[] {
    return this.#ledger.consistencyProof(size1, size2);
  }

  node(level: number, index: number): Uint8Array {
    return this.#ledger.node(level, index);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.close();
    this.#growth.end();
    try {
      this.#parts.file.close();
    } finally {
      this.#parts.lock.release();
    }
  }

  /** Signed first and stored in the same transaction: a checkpoint of a commit that failed never leaves this function. */
  async #commit(batch: readonly Uint8Array[], first: Size): Promise<Checkpoint> {
    if (batch.length === 0) return this.checkpoint();
    if (this.#broken !== undefined) throw this.#broken;
    const { tree, signer, folder } = this.#parts;
    let checkpoint: Checkpoint;
    try {
      for (const bytes of batch) tree.appendEntry(bytes);
      checkpoint = signer.sign(tree.size, tree.root());
      this.#write(first, batch, checkpoint);
    } catch (error) {
      tree.truncate(first);
      this.#broken = this.#disagreement();
      throw storageError(folder, error);
    }
    this.#ledger.advance(checkpoint);
    this.#growth.reached(checkpoint.size);
    this.#tendSometimes(batch);
    return checkpoint;
  }

  #write(first: Size, batch: readonly Uint8Array[], checkpoint: Checkpoint): void {
    const { file, ballast } = this.#parts;
    try {
      file.commit(first, batch, checkpoint);
    } catch (error) {
      if (!isFull(error) || !ballast.spend()) throw error;
      file.commit(first, batch, checkpoint);
    }
  }

  /** After a failed commit: is the disk where memory believes it is? If that cannot be told, stop writing. */
  #disagreement(): HalliganError | undefined {
    const { file, folder } = this.#parts;
    const { size } = this.checkpoint();
    try {
      if (file.size() === size && file.latestCheckpoint().size === size) return undefined;
      return corrupt(folder, `It should have ${size} entries, but it has ${file.size()}.`);
    } catch (cause) {
      return storageError(folder, cause);
    }
  }

  #tendSometimes(batch: readonly Uint8Array[]): void {
    for (const bytes of batch) this.#untended += bytes.length;
    if (this.#untended < TEND_EVERY) return;
    this.#untended = 0;
    this.#reserveFilled = this.#tendReserve();
  }

  /** Never throws: a reserve that cannot be filled is reported by `reserveHeld`, and everything else goes on. */
  #tendReserve(): boolean {
    const { file, ballast } = this.#parts;
    ballast.hold();
    try {
      if (file.isReserveLow()) file.fillReserve();
      return true;
    } catch {
      return false;
    }
  }
}
