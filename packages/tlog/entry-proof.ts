import { base64, fromBase64, HalliganError } from '@halligan/format';
import { HASH_SIZE } from './hash.ts';
import { parseNote } from './note.ts';

const HEADER = 'c2sp.org/tlog-proof@v1';
const MAX_PROOF = 63;
/** Longest extra line, in characters of base64: an entry of 65,535 bytes fits. */
const MAX_EXTRA = 90_000;

/** A proof of one entry that can be verified without the log (C2SP tlog-proof). Nothing in it is verified yet. */
export interface EntryProof {
  readonly index: number;
  /** From the leaf's sibling up to the root's child. */
  readonly proof: readonly Uint8Array[];
  /** The checkpoint with the log's signatures and cosignatures. */
  readonly checkpoint: string;
  /** Opaque, not authenticated by itself. Ours holds the entry's bytes, which the proof then binds. */
  readonly extra?: Uint8Array;
}

/** Writes a `.tlog-proof`. @throws `tlog.proof-syntax`, `tlog.note-syntax` where it could not be parsed again */
export function formatEntryProof({ index, proof, checkpoint, extra }: EntryProof): string {
  const lines = [
    HEADER,
    ...(extra === undefined ? [] : [`extra ${base64(extra)}`]),
    `index ${index}`,
    ...proof.map(base64),
  ];
  const text = `${lines.join('\n')}\n\n${checkpoint}`;
  parseEntryProof(text);
  return text;
}

/** Parses a `.tlog-proof`: bounded, one spelling. @throws `tlog.proof-syntax`, `tlog.note-syntax` */
export function parseEntryProof(text: string): EntryProof {
  const end = text.indexOf('\n\n');
  if (end === -1) throw proofSyntax('no empty line comes before its checkpoint');
  if (end > MAX_EXTRA + 8192) throw proofSyntax('it is too long');
  const [header, ...rest] = text.slice(0, end).split('\n', MAX_PROOF + 4);
  if (header !== HEADER) throw proofSyntax(`it does not begin with ${HEADER}`);
  const hasExtra = rest[0]?.startsWith('extra ') ?? false;
  const [indexLine = '', ...hashes] = hasExtra ? rest.slice(1) : rest;
  const [, decimal = ''] = /^index (0|[1-9][0-9]{0,15})$/.exec(indexLine) ?? [];
  if (decimal === '' || !Number.isSafeInteger(Number(decimal)))
    throw proofSyntax('it names no entry');
  if (hashes.length > MAX_PROOF) throw proofSyntax(`it has more than ${MAX_PROOF} hashes`);
  const checkpoint = text.slice(end + 2);
  parseNote(checkpoint);
  return {
    index: Number(decimal),
    proof: hashes.map(hashLine),
    checkpoint,
    ...(hasExtra ? { extra: bytesOf(rest[0]?.slice('extra '.length) ?? '') } : {}),
  };
}

function hashLine(line: string): Uint8Array {
  const hash = bytesOf(line);
  if (hash.length !== HASH_SIZE) throw proofSyntax('a line of it is not a hash');
  return hash;
}

function bytesOf(line: string): Uint8Array {
  try {
    return fromBase64(line);
  } catch (cause) {
    throw proofSyntax('a line of it is not base64', cause);
  }
}

function proofSyntax(why: string, cause?: unknown): HalliganError {
  return new HalliganError(
    'tlog.proof-syntax',
    `This is not a .tlog-proof: ${why}.`,
    'Fetch it again, as a file: copying and pasting changes spaces and dashes.',
    { cause },
  );
}
