import { HalliganError } from '@halligan/format';
import { HASH_SIZE, parseCheckpoint, parseNote } from '@halligan/tlog';
import type { StoredCheckpoint } from './stored.ts';

/** Longer than a journal's notes are, and far shorter than the longest that there may be. */
const LONGEST = 1000;

/**
 * A checkpoint as a journal writes it: origin, size, root, no extension, one signature, which is a key id and 64 bytes of
 * Ed25519. Base64 has one spelling: unused bits are zero (RFC 4648 section 3.5).
 */
const ORDINARY =
  /^([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)\n\n— ([^ \n]+) [A-Za-z0-9+/]{90}[AEIMQUYcgkosw048]=\n$/;

/**
 * Reads the roots that very many checkpoints of one log name. Each is parsed, but those that are spelled as one before were, with
 * the same origin and signer: what is left of them is digits and base64, and one expression finds that it is.
 */
export class SaidRoots {
  #origin: string | undefined;
  #signer: string | undefined;

  /**
   * Puts the root, 32 bytes, into `roots` from byte `at` on.
   * @throws `journal.corrupt` where the checkpoint is not of the size under which it lies, `tlog.note-syntax`,
   *   `tlog.checkpoint-syntax`
   */
  put(roots: Buffer, at: number, { size, note }: StoredCheckpoint): void {
    const [, origin, decimal, root = '', signer] =
      (note.length <= LONGEST ? ORDINARY.exec(note) : null) ?? [];
    const isKnown = origin === this.#origin && signer === this.#signer;
    if (origin !== undefined && isKnown && decimal === String(size)) {
      roots.write(root, at, HASH_SIZE, 'base64');
      return;
    }
    const said = parseCheckpoint(parseNote(note).text);
    if (said.size !== size)
      throw new HalliganError(
        'journal.corrupt',
        `Checkpoint ${size} is one of size ${said.size}.`,
        'Verify the journal in order.',
      );
    roots.set(said.root, at);
    this.#origin = origin;
    this.#signer = signer;
  }
}
