import { base64, fromBase64, HalliganError } from '@halligan/format';
import { HASH_SIZE } from './hash.ts';

/** Longest text of a checkpoint, in UTF-16 units. */
const MAX_LENGTH = 65_536;

/** What a log says of itself: its tree at one size. `root` has 32 bytes, `extensions` are opaque and in practice none. */
export type Checkpoint = {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly extensions: readonly string[];
};

/**
 * Parses the text of a checkpoint (C2SP tlog-checkpoint 1.0, "Note text"): the `text` that verifyNote or parseNote
 * returned, not the note with its signatures. Whoever relies on it must have verified the note, and compare
 * `origin` with the log they mean: a key may sign for several logs.
 * @throws `tlog.checkpoint-syntax`, also for sizes beyond 2^53 − 1
 */
export function parseCheckpoint(text: string): Checkpoint {
  if (text.length > MAX_LENGTH) throw checkpointSyntax('it is too long');
  if (!text.endsWith('\n')) throw checkpointSyntax('it ends in the middle of a line');
  const [origin = '', decimal = '', encoded = '', ...extensions] = text.slice(0, -1).split('\n');
  if (![origin, ...extensions].every(isLine)) {
    throw checkpointSyntax('a line is empty or holds a control character');
  }
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(decimal) || !Number.isSafeInteger(Number(decimal))) {
    throw checkpointSyntax('its second line is not a size');
  }
  return { origin, size: Number(decimal), root: parseRoot(encoded), extensions };
}

/** Writes the text of a checkpoint, ready for signNote. @throws `tlog.checkpoint-syntax` where it could not be parsed again */
export function formatCheckpoint({
  origin,
  size,
  root,
  extensions = [],
}: Omit<Checkpoint, 'extensions'> & { readonly extensions?: readonly string[] }): string {
  if (![origin, ...extensions].every(isLine)) {
    throw checkpointSyntax('a line is empty or holds a control character');
  }
  if (!Number.isSafeInteger(size) || size < 0) throw checkpointSyntax('its size is not one');
  if (root.length !== HASH_SIZE) throw checkpointSyntax('its root is not 32 bytes long');
  const text = [origin, String(size), base64(root), ...extensions, ''].join('\n');
  if (text.length > MAX_LENGTH) throw checkpointSyntax('it is too long');
  return text;
}

/** Whether a text can stand as one line of a note. */
function isLine(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is being refused.
  return text.isWellFormed() && /^[^\u0000-\u001f]+$/.test(text);
}

function parseRoot(encoded: string): Uint8Array {
  let root: Uint8Array;
  try {
    root = fromBase64(encoded);
  } catch (cause) {
    throw checkpointSyntax('its third line is not a hash', { cause });
  }
  if (root.length !== HASH_SIZE) throw checkpointSyntax('its root is not 32 bytes long');
  return root;
}

function checkpointSyntax(why: string, options?: { readonly cause?: unknown }): HalliganError {
  return new HalliganError(
    'tlog.checkpoint-syntax',
    `This is not a checkpoint: ${why}.`,
    'Verify the note first and parse its text alone, without the signatures.',
    options,
  );
}
