import { groupOf, transcriptOf } from '@halligan/evidence';
import { fromBase64, HalliganError } from '@halligan/format';
import { emergencyById } from '@halligan/procedure';
import type { ServerParts } from '../parts.ts';
import { type Attached, blobsOf } from './attached.ts';
import type { Sent, Waiting } from './uploads.ts';

/** Texts and files that the record of an emergency names. @throws `server.emergency` */
export async function attachedTo(
  { leader }: Pick<ServerParts, 'leader'>,
  emergency: string,
): Promise<ReadonlyMap<string, Attached>> {
  if (emergencyById(leader.state, emergency) === undefined)
    throw new HalliganError(
      'server.emergency',
      'There is no such emergency.',
      'See halligan emergency list.',
    );
  const { entries } = transcriptOf((await leader.view([`emergency:${emergency}`], 0)).transcript);
  return blobsOf(entries.map(({ index, bytes }) => groupOf(index, fromBase64(bytes))));
}

/**
 * Texts and files that the record of an account names: photographs of envelopes, suspicions, uses that were reported.
 * What belongs to an emergency is named there, and erased with it.
 * @throws `server.not-found`
 */
export async function attachedToAccount(
  { leader }: Pick<ServerParts, 'leader'>,
  account: string,
): Promise<ReturnType<typeof blobsOf>> {
  if (leader.state.accounts[account] === undefined)
    throw new HalliganError(
      'server.not-found',
      'There is no such account.',
      'See halligan account list.',
    );
  const { entries } = transcriptOf((await leader.view([`account:${account}`], 0)).transcript);
  return blobsOf(entries.map(({ index, bytes }) => groupOf(index, fromBase64(bytes))));
}

/** Takes in a large file for a statement to come. @throws what `Uploads.receive` throws, `server.emergency` */
export async function receiveFile(parts: ServerParts, sent: Sent): Promise<void> {
  const attached = await attachedTo(parts, sent.subject);
  if (attached.has(sent.digest)) return;
  const kept = [...attached.values()].reduce((sum, { bytes = 0 }) => sum + bytes, 0);
  await parts.uploads.receive(sent, kept);
}

/** The large files that came in before the statements that name them. @throws `server.not-uploaded` */
export function filesOf(
  { uploads }: ServerParts,
  subject: string,
  digests: readonly string[],
): readonly Waiting[] {
  return digests.map((digest) => {
    const found = uploads.find(subject, digest);
    if (found !== undefined) return found;
    throw new HalliganError(
      'server.not-uploaded',
      'A file that this statement names did not come in, or waited longer than a day for it.',
      'Nothing was stored. Attach the file again.',
    );
  });
}

/** As the journal names them. */
export function named(files: readonly Waiting[]): readonly Attached[] {
  return files.map(({ digest, blob, bytes }) => ({ digest, blob, bytes }));
}

/** Makes them blobs, before the event that names them; they wait on as well, until it is durable. */
export async function keepFiles(
  { uploads, attachments, blobs }: ServerParts,
  subject: string,
  files: readonly Waiting[],
): Promise<void> {
  // An emergency whose texts were erased meanwhile takes none.
  if (files.length > 0) await attachments.recipient(subject);
  for (const file of files) await blobs.adopt(uploads.pathOf(file), file.blob);
}

/** Removes what no statement named within a day, with what a killed server made of it. Never rejects. */
export async function sweepUploads(parts: ServerParts, now: number): Promise<void> {
  try {
    for (const { subject, digest, blob } of await parts.uploads.sweep(now)) {
      const known = emergencyById(parts.leader.state, subject) !== undefined;
      const attached = known ? (await attachedTo(parts, subject)).get(digest) : undefined;
      if (attached?.blob !== blob) await parts.blobs.remove(blob);
    }
  } catch {
    parts.log('error', 'attachments', 'uploads that nobody named could not be removed');
  }
}
