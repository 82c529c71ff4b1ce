import { type Group, namedTexts, type ReportText } from '@halligan/evidence';
import { HalliganError } from '@halligan/format';
import type { Emergency } from '@halligan/procedure';
import { checkAttachment } from '@halligan/statement';
import type { Device } from '../device.ts';

/**
 * The texts and files of a record, each held to the salted digest that was signed; those that were erased are left out.
 * @throws `cli.other-text` where the server shows another text than that
 */
export async function recordTexts(
  device: Device,
  emergency: Emergency,
  groups: readonly Group[],
): Promise<ReadonlyMap<string, ReportText>> {
  const texts = new Map<string, ReportText>();
  for (const digest of namedTexts(emergency, groups)) {
    const text = await recordText(device, emergency, digest);
    if (text !== undefined) texts.set(digest, text);
  }
  return texts;
}

/** Erased, or too large to be read beside the others. */
const ABSENT: ReadonlySet<string> = new Set(['server.erased', 'server.large-attachment']);

/** One of them; undefined where it was erased or is a large file. @throws `cli.other-text` */
export async function recordText(
  device: Device,
  { id }: Emergency,
  digest: string,
): Promise<ReportText | undefined> {
  try {
    const found = checkAttachment(
      await device.api.get(`/v1/emergencies/${id}/attachments/${digest}`),
    );
    if (found.digest === digest) return found;
  } catch (error) {
    if (error instanceof HalliganError && ABSENT.has(error.code)) return undefined;
    throw error;
  }
  throw new HalliganError(
    'cli.other-text',
    'The server shows another text than the one that was signed.',
    'Do not rely on it, and tell security.',
  );
}
