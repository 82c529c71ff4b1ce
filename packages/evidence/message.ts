import {
  base64,
  canonicalBytes,
  fromBase64,
  HalliganError,
  parseCanonical,
} from '@halligan/format';
import { decryptWith, encryptTo } from '@halligan/seal';
import { type OfflineRecord, offlineJson, offlineRecordOf } from './offline-record.ts';

const BEGIN = '-----BEGIN HALLIGAN MESSAGE-----';
const END = '-----END HALLIGAN MESSAGE-----';
/** Most characters of a message: evidence goes along, each file up to 8 MiB. */
export const MESSAGE_LIMIT = 64 << 20;
const LINE = 64;

/**
 * A message between two devices, as text that survives being pasted: the whole record so far, encrypted to everybody
 * who can read the kit. What carries it learns its size and how many people can read it.
 */
export async function writeMessage(
  record: OfflineRecord,
  recipients: readonly string[],
): Promise<string> {
  const ciphertext = await encryptTo(recipients, canonicalBytes(offlineJson(record)));
  const text = base64(ciphertext);
  const lines = Array.from({ length: Math.ceil(text.length / LINE) }, (_, at) =>
    text.slice(at * LINE, (at + 1) * LINE),
  );
  return `${[BEGIN, ...lines, END].join('\n')}\n`;
}

/**
 * Reads a message. Around it may stand what a messenger or a person wrote; in it, nothing but itself.
 * @throws `kit.message`, `seal.wrong-key`, `seal.damaged`, and what {@link offlineRecordOf} throws
 */
export async function readMessage(text: string, identity: string): Promise<OfflineRecord> {
  const ciphertext = ciphertextIn(text);
  const plaintext = await decryptWith(identity, ciphertext, 'This message', MESSAGE_LIMIT);
  return offlineRecordOf(parseCanonical(plaintext, MESSAGE_LIMIT));
}

function ciphertextIn(text: string): Uint8Array {
  if (text.length > MESSAGE_LIMIT) throw messageError('is longer than 64 MiB');
  const lines = text.split('\n').map((line) => line.trim());
  const begin = lines.indexOf(BEGIN);
  const end = lines.indexOf(END);
  if (begin === -1 || end < begin) throw messageError('has no beginning or no end');
  if (lines.indexOf(BEGIN, begin + 1) !== -1) throw messageError('begins twice');
  try {
    return fromBase64(lines.slice(begin + 1, end).join(''));
  } catch {
    throw messageError('was changed on its way');
  }
}

function messageError(why: string): HalliganError {
  return new HalliganError(
    'kit.message',
    `This text ${why}: it is no message of Halligan.`,
    'Paste all of it, from BEGIN to END, or pass it on as a file.',
  );
}
