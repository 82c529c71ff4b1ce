import { type Group, recordDocument } from '@halligan/evidence';
import { digestOf, HalliganError, sameBytes } from '@halligan/format';
import { pdfOf, type Sheet } from '@halligan/paper';
import { bothOf, type Emergency, recordOf } from '@halligan/procedure';
import type { Device } from '../device.ts';
import { fetchFile } from '../emergency/fetch-file.ts';
import { anyFile } from '../emergency/file-attachment.ts';
import { about, look } from '../emergency/find.ts';
import { recordTexts } from './record-texts.ts';

/** A file as it was named and read. */
export interface Scan {
  readonly path: string;
  readonly content: Uint8Array;
}

/** The record as this device proved it, for paper: a line for each of the two at the foot of every page. */
export async function paperRecord(
  device: Device,
  prefix: string | undefined,
  size: Sheet['size'] = 'A4',
): Promise<Uint8Array> {
  const { proven, emergency } = await look(device, prefix);
  const texts = await recordTexts(device, emergency, proven.groups);
  const { second } = emergency;
  const [requester, executive] = bothOf(emergency);
  return pdfOf(recordDocument({ ...proven, emergency, texts }), {
    size,
    signedBy: [
      `requester ${requester}`,
      second === undefined ? `executive ${executive}` : `second person ${second}`,
    ],
  });
}

/**
 * Signs which scans are the pages of the record that were signed by hand. The first of the two sends the files; the
 * second gives the same files, and signs only if they are, byte for byte, what the first one sent.
 * @throws `cli.pages` where they are not
 */
export async function signPages(
  device: Device,
  prefix: string | undefined,
  scans: readonly Scan[],
): Promise<readonly string[]> {
  const { proven, emergency } = await look(device, prefix);
  const record = digestOf(recordOf(proven.state, emergency));
  const sent = emergency.record?.digest === record ? emergency.record.pages : undefined;
  const attachments =
    sent === undefined ? scans.map(({ path, content }) => anyFile(path, content)) : [];
  if (sent !== undefined) await requireSame(device, emergency, proven.groups, sent, scans);
  const pages = sent ?? attachments.map(({ digest }) => digest);
  const document = { v: 'halligan/record-pages/v1', emergency: emergency.id, record, pages };
  await device.say(
    proven,
    'attest',
    { ...about(emergency), what: 'pages', digest: digestOf(document) },
    { document, attachments },
  );
  return pages;
}

async function requireSame(
  device: Device,
  emergency: Emergency,
  groups: readonly Group[],
  sent: readonly string[],
  scans: readonly Scan[],
): Promise<void> {
  for (const [at, digest] of sent.entries()) {
    const { bytes } = await fetchFile(device, emergency, groups, digest);
    const own = scans[at]?.content;
    if (own === undefined || !sameBytes(bytes, own))
      throw new HalliganError(
        'cli.pages',
        `Page ${at + 1} is not the file that was sent: there are ${sent.length}.`,
        'Give the same files in the same order, and look at each: you sign for them.',
      );
  }
  if (scans.length !== sent.length)
    throw new HalliganError(
      'cli.pages',
      `${sent.length} pages were sent; you gave ${scans.length}.`,
      'Give the same files in the same order.',
    );
}
