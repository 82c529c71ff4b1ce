import { type Group, namedTexts } from '@halligan/evidence';
import { HalliganError } from '@halligan/format';
import type { Emergency } from '@halligan/procedure';
import { checkPlainAttachment } from '@halligan/statement';
import type { Device } from '../device.ts';

/** A text or file of the record, held to the digest that was signed. */
export interface FetchedFile {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
  readonly plain: Uint8Array;
}

/**
 * Fetches one, of any size.
 * @param beginning of its digest
 * @throws `cli.file-digest` where the record names none, or several, that begin so; `cli.other-text` where the server
 *   sends another, `server.erased`
 */
export async function fetchFile(
  device: Device,
  emergency: Emergency,
  groups: readonly Group[],
  beginning: string,
): Promise<FetchedFile> {
  const digest = digestAmong(
    namedTexts(emergency, groups),
    beginning,
    'halligan emergency show --json has them all.',
  );
  return fetched(device, `emergencies/${emergency.id}`, digest);
}

/**
 * Fetches one that the record of an account names outside emergencies: a photograph of an envelope, what was seen where
 * somebody suspected it.
 * @param groups the account's entries, proven
 * @throws as {@link fetchFile}; `server.forbidden` for who is neither auditor, security nor custodian
 */
export async function fetchFileOfAccount(
  device: Device,
  account: string,
  groups: readonly Group[],
  beginning: string,
): Promise<FetchedFile> {
  const named = groups.flatMap(({ input }) =>
    input.type === 'statements' ? (input.attachments ?? []).map((one) => one.digest) : [],
  );
  const digest = digestAmong([...new Set(named)], beginning, 'halligan envelope show SERIAL.');
  return fetched(device, `accounts/${account}`, digest);
}

/** @throws `cli.file-digest` */
function digestAmong(named: readonly string[], beginning: string, where: string): string {
  const [digest, ...others] = named.filter((one) => one.startsWith(beginning.toLowerCase()));
  if (digest !== undefined && others.length === 0) return digest;
  throw new HalliganError(
    'cli.file-digest',
    `The record names ${digest === undefined ? 'no text or file' : 'several'} whose digest begins so.`,
    `Give more of the digest: ${where}`,
  );
}

async function fetched(device: Device, of: string, digest: string): Promise<FetchedFile> {
  const plain = new Uint8Array(
    await device.api.bytes('GET', `/v1/${of}/attachments/${digest}/plain`),
  );
  return { digest, plain, ...checked(digest, plain) };
}

function checked(digest: string, plain: Uint8Array) {
  try {
    return checkPlainAttachment(digest, plain);
  } catch (cause) {
    throw new HalliganError(
      'cli.other-text',
      'The server sent something else than what was signed.',
      'Do not rely on it, and tell security.',
      { cause },
    );
  }
}
