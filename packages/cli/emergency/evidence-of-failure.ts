import { basename } from 'node:path';
import { HalliganError, hex, sha256 } from '@halligan/format';
import { type Attachment, textAttachment } from '@halligan/statement';
import { fileAttachment } from './file-attachment.ts';

/** What shows that normal access failed, as a person gives it on the command line. */
export interface GivenEvidence {
  readonly evidence: readonly string[];
  readonly evidenceFile: readonly string[];
  readonly statusPage?: string;
  readonly snapshot?: string;
  readonly attestation?: string;
}

/**
 * Evidence as attachments. Each file comes with a line that names it, its SHA-256 and the time; a status page with its
 * address and, where there is one, its snapshot.
 * @throws `cli.usage` where nothing is given, `cli.file`
 */
export async function evidenceOf(
  given: GivenEvidence,
  readFile: (path: string) => Promise<Uint8Array>,
  now: string,
): Promise<readonly Attachment[]> {
  const list: Attachment[] = given.evidence.map((text) => textAttachment(text));
  const file = async (path: string, what: string): Promise<void> => {
    const bytes = await readFile(path);
    const line = `${what} ${basename(path)}, ${bytes.length} bytes, SHA-256 ${hex(sha256(bytes))}, attached ${now}`;
    list.push(textAttachment(line), fileAttachment(path, bytes));
  };
  for (const path of given.evidenceFile) await file(path, 'File');
  if (given.statusPage !== undefined) list.push(textAttachment(statusLine(given, now)));
  if (given.snapshot !== undefined) await file(given.snapshot, 'Snapshot of the status page');
  if (list.length === 0 && given.attestation === undefined)
    throw new HalliganError(
      'cli.usage',
      'Evidence that normal access failed is needed.',
      'Give --evidence, --evidence-file or --status-page, or your written word with --attestation.',
    );
  return list;
}

/** A written word with its time. */
export function attestationText(text: string, now: string): string {
  return `${text}\n(attested ${now})`;
}

function statusLine({ statusPage = '', snapshot }: GivenEvidence, now: string): string {
  if (!URL.canParse(statusPage))
    throw new HalliganError(
      'cli.usage',
      'This is no address of a status page.',
      'Write it as https://status.example/idp.',
    );
  return `Status page ${statusPage}, seen ${now}${snapshot === undefined ? '' : ', snapshot below'}`;
}
