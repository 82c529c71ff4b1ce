import { HalliganError, sameBytes } from '@halligan/format';
import {
  MemoryTree,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  verifyNote,
} from '@halligan/tlog';
import type { Checkpoint, Size } from './journal.ts';
import type { JournalFile } from './journal-file.ts';
import { hashedByThreads, type Sharing, usualSharing } from './range-threads.ts';
import { corrupt } from './storage-error.ts';
import type { StoredCheckpoint, StoredEntry } from './stored.ts';

/** A checkpoint known from elsewhere (a cosigner, a kit, the releaser), which the journal must still contain. */
export type Anchor = Pick<Checkpoint, 'size' | 'root'>;

/** What is left of a journal once it has been verified: the tree over its entries and its latest checkpoint. */
export interface Replayed {
  readonly tree: MemoryTree;
  readonly checkpoint: Checkpoint;
}

/** What else is known of a journal that is verified, and how. */
export interface ReplayOptions {
  readonly anchor?: Anchor | undefined;
  /**
   * The tree over the first entries, from who verified them before: those are not hashed again, and the rest must lead from
   * this tree to the signed checkpoint. It is appended to.
   */
  readonly known?: MemoryTree | undefined;
  /** How a long journal is shared among threads, where nothing of it is known; as usual, by default. */
  readonly sharing?: Sharing | undefined;
}

/**
 * Verifies a whole journal: hashes every entry, compares the tree with every stored checkpoint, and verifies the
 * signature of the latest one, which covers all that came before. Whoever holds the disk but not the key cannot
 * change, add, drop or reorder entries; they can put back an older copy of the whole folder, which only an
 * anchor shows.
 * @param verifier the log's verifier key, `<name>+<id>+<base64>`
 * @throws `journal.corrupt`, `journal.origin`, `journal.rolled-back`; the last also where the journal does not go on
 *   from `known`
 */
export async function replay(
  file: JournalFile,
  verifier: string,
  { anchor, known = new MemoryTree(), sharing = usualSharing() }: ReplayOptions = {},
): Promise<Replayed> {
  const replayed =
    (known.size === 0 ? await inThreads(file, verifier, sharing) : undefined) ??
    inOrder(file, verifier, known);
  const { size, note } = replayed.checkpoint;
  try {
    await verifyNote(note, [verifier]);
  } catch (cause) {
    throw corrupt(file.folder, `The signature of checkpoint ${size} is wrong.`, cause);
  }
  if (anchor !== undefined) requireAnchor(file.folder, replayed.tree, anchor);
  return replayed;
}

/** In one thread, on one state of the journal. */
function inOrder(file: JournalFile, verifier: string, known: MemoryTree): Replayed {
  return file.snapshot(() => {
    requireOrigin(file, verifier);
    if (file.latestCheckpoint().size < known.size)
      throw rolledBack(file.folder, known.size, file.size());
    return rebuild(file, known);
  });
}

/**
 * By several threads, up to the size that the journal has now; then in order, what was written meanwhile. Undefined where it
 * is short, and where anything is wrong with it or with a thread: {@link inOrder} says what.
 * @throws `journal.origin`, and where there is no checkpoint that can be read
 */
async function inThreads(
  file: JournalFile,
  verifier: string,
  sharing: Sharing,
): Promise<Replayed | undefined> {
  const size = file.snapshot(() => {
    requireOrigin(file, verifier);
    return file.latestCheckpoint().size;
  });
  const tree = await hashedByThreads(file.folder, size, sharing);
  if (tree === undefined) return undefined;
  try {
    return inOrder(file, verifier, tree);
  } catch {
    return undefined;
  }
}

function rebuild(file: JournalFile, tree: MemoryTree): Replayed {
  const known = tree.size === 0 ? undefined : tree.size;
  const entries = file.allEntries(known);
  let latest: Checkpoint | undefined;
  for (const stored of file.allCheckpoints(known)) {
    const before = tree.size;
    while (tree.size < stored.size) tree.appendEntry(next(file, entries, tree.size).bytes);
    const root = tree.root();
    const said = parseStored(file, stored);
    if (said.size !== stored.size) {
      throw corrupt(file.folder, `Checkpoint ${stored.size} is one of size ${said.size}.`);
    }
    if (!sameBytes(said.root, root)) {
      // The log signed another tree of this size than who verified it remembers: two histories.
      if (stored.size === known) throw rolledBack(file.folder, known, file.size());
      throw corrupt(file.folder, mismatch(before, stored.size));
    }
    latest = { size: stored.size, root, note: stored.note };
  }
  if (latest === undefined) throw corrupt(file.folder, 'It has no checkpoint.');
  if (entries.next().done !== true) {
    throw corrupt(file.folder, `Entry ${tree.size} is there, but no checkpoint covers it.`);
  }
  return { tree, checkpoint: latest };
}

function next(file: JournalFile, entries: Iterator<StoredEntry>, index: Size): StoredEntry {
  const { value, done } = entries.next();
  if (done === true || value.entry !== index) {
    throw corrupt(file.folder, `Entry ${index} is missing, though a checkpoint covers it.`);
  }
  return value;
}

function mismatch(from: Size, to: Size): string {
  if (to - from === 0) return `Checkpoint ${to} has another root than its entries.`;
  if (to - from === 1) return `Entry ${from}, or checkpoint ${to}, is not what was written.`;
  return `Of the entries ${from} to ${to - 1} and checkpoint ${to}, something is not what was written.`;
}

function parseStored(file: JournalFile, { size, note }: StoredCheckpoint) {
  try {
    return parseCheckpoint(parseNote(note).text);
  } catch (cause) {
    throw corrupt(file.folder, `Checkpoint ${size} cannot be read.`, cause);
  }
}

/** Tells a wrong key from a wrong journal: a person with the wrong key file must not go looking for an attacker. */
function requireOrigin(file: JournalFile, verifier: string): void {
  const key = parseVerifierKey(verifier);
  const stored = file.latestCheckpoint();
  const { origin } = parseStored(file, stored);
  const signed = parseNote(stored.note).signatures.some(
    ({ name, keyId }) => name === key.name && keyId === key.keyId,
  );
  if (origin === key.name && signed) return;
  throw new HalliganError(
    'journal.origin',
    `The journal in ${file.folder} is signed by ${origin}, with another key than ${key.name}+${key.keyId}.`,
    'Check that the log key and the data folder belong together.',
  );
}

function requireAnchor(folder: string, tree: MemoryTree, { size, root }: Anchor): void {
  if (size > tree.size || !sameBytes(tree.root(size), root))
    throw rolledBack(folder, size, tree.size);
}

function rolledBack(folder: string, size: Size, entries: Size): HalliganError {
  return new HalliganError(
    'journal.rolled-back',
    `The journal in ${folder} does not contain a checkpoint of size ${size} that is known from elsewhere; it has ${entries} entries.`,
    'An older copy was put back, or there are two copies that went separate ways. Find the newer one; keep both as evidence.',
  );
}
