import { checkPlainAttachment } from '@halligan/statement';
import type { Say } from './claim.ts';
import type { ReportText } from './report-parts.ts';
import type { Group } from './transcript.ts';

/**
 * Large files at hand: the plain form whose SHA-256 is `digest`, or undefined where it is not there. Asked for one at a
 * time; what it gives is hashed again.
 */
export type FilesBeside = (digest: string) => Promise<Uint8Array | undefined>;

/** What a large file is called where it lies beside a pack: by its hash, so that nobody has to be believed. */
export function nameBeside(digest: string): string {
  return `${digest}.plain`;
}

/**
 * Bytes of the large files that the entries name, by digest: a pack holds none of them. The digest was signed for; the
 * size is what the server counted when the file came in.
 */
export function largeFiles(groups: readonly Group[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { input } of groups)
    for (const { digest, bytes } of input.type === 'statements' ? (input.attachments ?? []) : [])
      if (bytes !== undefined) found.set(digest, bytes);
  return found;
}

/**
 * Says of each large file whether it is at hand. One is read at a time, and only those of `kept` stay in memory.
 * @returns those of `kept` that are at hand
 * @throws `statement.attachment` where `beside` gives another file than was asked for
 */
export async function verifyBeside(
  large: ReadonlyMap<string, number>,
  beside: FilesBeside,
  kept: ReadonlySet<string>,
  say: Say,
): Promise<ReadonlyMap<string, ReportText>> {
  const texts = new Map<string, ReportText>();
  for (const [digest, size] of large) {
    const plain = await beside(digest);
    if (plain === undefined) {
      say(
        'NOT PROVEN',
        'beside the pack',
        `what a large file of ${size} bytes says, ${nameBeside(digest)}: give --files with the folder that holds it`,
      );
      continue;
    }
    const { mediaType, bytes } = checkPlainAttachment(digest, plain);
    if (kept.has(digest)) texts.set(digest, { mediaType, bytes });
    say(
      'PASS',
      'cryptographic',
      `the large file of ${bytes.length} bytes beside the pack, ${nameBeside(digest)}, is the one that was signed for`,
    );
  }
  return texts;
}
