import { basename, extname } from 'node:path';
import { HalliganError } from '@halligan/format';
import {
  ATTACHMENT_LIMIT,
  type Attachment,
  makeAttachment,
  makePlainAttachment,
  type PlainAttachment,
} from '@halligan/statement';

const MIB = 1 << 20;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.txt': 'text/plain; charset=utf-8',
  '.log': 'text/plain; charset=utf-8',
  '.csv': 'text/csv',
  '.json': 'application/json',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.pdf': 'application/pdf',
  '.html': 'text/html',
};

/** A file as evidence: a log, a screenshot, a page that was saved. @throws `cli.too-large` over 8 MiB */
export function fileAttachment(path: string, content: Uint8Array): Attachment {
  if (content.length > ATTACHMENT_LIMIT)
    throw new HalliganError(
      'cli.too-large',
      `${path} has ${(content.length / MIB).toFixed(1)} MiB: at most ${ATTACHMENT_LIMIT / MIB} MiB go along with this.`,
      'Nothing was sent. Make it smaller, or leave it out: once the emergency is declared, halligan emergency note --file takes larger ones.',
    );
  return makeAttachment(content, mediaTypeOf(path));
}

/** A file of any size, for an emergency that was declared: a large one is sent before the statement that names it. */
export function anyFile(path: string, content: Uint8Array): Attachment | PlainAttachment {
  return content.length > ATTACHMENT_LIMIT
    ? makePlainAttachment(content, mediaTypeOf(path))
    : fileAttachment(path, content);
}

function mediaTypeOf(path: string): string {
  return MEDIA_TYPES[extname(basename(path)).toLowerCase()] ?? 'application/octet-stream';
}
