import {
  base64,
  concat,
  fromBase64,
  fromHex,
  HalliganError,
  hex,
  sha256,
  utf8,
} from '@halligan/format';
import { z } from 'zod';
import { digestField, parsedAs, platformRandom, type RandomBytes } from './fields.ts';
import { mediaTypeField, plainHead } from './plain-attachment.ts';

/** The most bytes that an attachment holds in JSON: 8 MiB. Larger files take their plain form. */
export const ATTACHMENT_LIMIT = 8 * 1024 * 1024;

/**
 * Text or a file that a statement speaks of. Statements carry only `digest`, which the salt makes unguessable:
 * once content and salt are erased, the log still verifies and says nothing of a short text.
 */
export const attachmentSchema = z
  .strictObject({
    digest: digestField,
    salt: digestField,
    mediaType: mediaTypeField,
    content: z.string().max(Math.ceil(ATTACHMENT_LIMIT / 3) * 4),
  })
  .readonly();

/** `digest` and `salt` (32 bytes each) in hexadecimal, `content` in base64. */
export type Attachment = z.infer<typeof attachmentSchema>;

/**
 * Wraps content.
 * @param content at most 8 MiB
 * @param mediaType lower case, such as `image/png`
 * @param random for tests; 32 bytes are taken
 * @throws `statement.attachment`
 */
export function makeAttachment(
  content: Uint8Array,
  mediaType: string,
  random: RandomBytes = platformRandom,
): Attachment {
  if (content.length > ATTACHMENT_LIMIT) throw refused('it is larger than 8 MiB');
  const salt = random(32);
  return parsedAs(
    attachmentSchema,
    {
      digest: attachmentDigest(salt, mediaType, content),
      salt: hex(salt),
      mediaType,
      content: base64(content),
    },
    'statement.attachment',
    'This attachment',
  );
}

/** Wraps text as `text/plain; charset=utf-8`. @throws `statement.attachment` */
export function textAttachment(text: string, random: RandomBytes = platformRandom): Attachment {
  if (!text.isWellFormed()) throw refused('its text is not Unicode');
  return makeAttachment(utf8(text), 'text/plain; charset=utf-8', random);
}

/**
 * Opens an attachment that an attacker may have written; its digest is computed again.
 * @returns the digest to look for in the statement, and the bytes
 * @throws `statement.attachment`
 */
export function checkAttachment(json: unknown): {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
} {
  const { digest, salt, mediaType, content } = parsedAs(
    attachmentSchema,
    json,
    'statement.attachment',
    'This attachment',
  );
  const bytes = contentOf(content);
  if (bytes.length > ATTACHMENT_LIMIT) throw refused('it is larger than 8 MiB');
  if (attachmentDigest(fromHex(salt), mediaType, bytes) !== digest) {
    throw refused('its content does not fit its digest');
  }
  return { digest, mediaType, bytes };
}

function attachmentDigest(salt: Uint8Array, mediaType: string, content: Uint8Array): string {
  return hex(sha256(concat(plainHead(salt, mediaType), content)));
}

function contentOf(content: string): Uint8Array {
  try {
    return fromBase64(content);
  } catch {
    throw refused('its content is not base64');
  }
}

function refused(why: string): HalliganError {
  return new HalliganError(
    'statement.attachment',
    `This attachment is refused: ${why}.`,
    'Attach the original again; a larger file goes to the emergency with halligan emergency note --file.',
  );
}
