import { concat, HalliganError, utf8 } from '@halligan/format';
import { parseCheckpoint } from './checkpoint.ts';

/** Bytes of the time that comes before the signature proper. */
export const TIME_SIZE = 8;

/** What an ML-DSA-44 cosignature begins with: it is never a signature over anything else. */
const SUBTREE_LABEL = utf8('subtree/v1\n\0');

/** The message of an Ed25519 cosignature (C2SP tlog-cosignature 1.0, type 0x04). @param time POSIX seconds */
export function ed25519Cosigned(text: Uint8Array, time: number): Uint8Array {
  return concat(utf8(`cosignature/v1\ntime ${time}\n`), text);
}

/**
 * The message of an ML-DSA-44 cosignature over a whole tree (C2SP tlog-cosignature 1.1, type 0x06). It names the
 * cosigner, and leaves the checkpoint's extension lines out.
 * @param name of the cosigner
 * @param text of the checkpoint
 * @param time POSIX seconds
 * @throws `tlog.checkpoint-syntax` where the text is no checkpoint, `tlog.cosignature` where a name is too long
 */
export function mlDsaCosigned(name: string, text: string, time: number): Uint8Array {
  const { origin, size, root } = parseCheckpoint(text);
  return concat(
    SUBTREE_LABEL,
    short(name),
    timeBytes(time),
    short(origin),
    timeBytes(0),
    timeBytes(size),
    root,
  );
}

/** A time, or a size, in eight bytes, big-endian. */
export function timeBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(TIME_SIZE);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** The time in front of a signature; undefined where there is none, or one that no clock shows. */
export function timeOf(signature: Uint8Array): number | undefined {
  if (signature.length < TIME_SIZE) return undefined;
  const view = new DataView(signature.buffer, signature.byteOffset, TIME_SIZE);
  const time = Number(view.getBigUint64(0));
  return Number.isSafeInteger(time) ? time : undefined;
}

/** A name after its length in one byte. */
function short(name: string): Uint8Array {
  const bytes = utf8(name);
  if (bytes.length >= 1 && bytes.length <= 255) return concat(Uint8Array.of(bytes.length), bytes);
  throw new HalliganError(
    'tlog.cosignature',
    'A name that goes into a cosignature has 255 bytes at most.',
    'Give the log or the cosigner a shorter name.',
  );
}
