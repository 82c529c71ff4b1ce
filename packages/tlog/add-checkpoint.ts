import { base64, fromBase64, HalliganError } from '@halligan/format';
import { HASH_SIZE } from './hash.ts';
import { parseNote } from './note.ts';

/** Most hashes of a consistency proof (C2SP tlog-witness): no tree is deeper. */
const MAX_PROOF = 63;

/** What a log asks of a cosigner: the size that it last cosigned, the proof from there, and the checkpoint. */
export interface AddCheckpoint {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  /** The checkpoint with the log's signatures. */
  readonly note: string;
}

/** The body of an `add-checkpoint` request (C2SP tlog-witness 1.0). */
export function formatAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): string {
  return `old ${oldSize}\n${proof.map((hash) => `${base64(hash)}\n`).join('')}\n${note}`;
}

/**
 * Parses the body of an `add-checkpoint` request. Whoever sent it is the adversary: one spelling, bounded, nothing of
 * it verified.
 * @throws `tlog.add-checkpoint`, `tlog.note-syntax`
 */
export function parseAddCheckpoint(body: string): AddCheckpoint {
  const end = body.indexOf('\n\n');
  if (end === -1) throw malformed('no empty line comes before the checkpoint');
  const [old = '', ...lines] = body.slice(0, end).split('\n', MAX_PROOF + 2);
  const [, decimal = ''] = /^old (0|[1-9][0-9]{0,15})$/.exec(old) ?? [];
  if (decimal === '' || !Number.isSafeInteger(Number(decimal)))
    throw malformed('its first line is not “old” and a size');
  if (lines.length > MAX_PROOF) throw malformed(`its proof is longer than ${MAX_PROOF} hashes`);
  const note = body.slice(end + 2);
  parseNote(note);
  return { oldSize: Number(decimal), proof: lines.map(proofLine), note };
}

function proofLine(line: string): Uint8Array {
  try {
    const hash = fromBase64(line);
    if (hash.length === HASH_SIZE) return hash;
  } catch {
    // Said below, in words that fit both.
  }
  throw malformed('a line of its proof is not a hash');
}

function malformed(why: string): HalliganError {
  return new HalliganError(
    'tlog.add-checkpoint',
    `This is not a request to cosign: ${why}.`,
    'See C2SP tlog-witness: old size, proof, empty line, checkpoint.',
  );
}
