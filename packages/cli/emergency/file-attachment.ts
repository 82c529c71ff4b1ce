import { basename, extname } from 'node:path';
import {
  ATTACHMENT_LIMIT,
  type Attachment,
  makeAttachment,
  makePlainAttachment,
  type PlainAttachment,
} from '@halligan/statement';

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

/** A file as evidence: a log, a screenshot, a page that was saved. @throws `statement.attachment` over 8 MiB */
export function fileAttachment(path: string, content: Uint8Array): Attachment {
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
