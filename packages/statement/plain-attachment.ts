import { concat, fromHex, HalliganError, hex, sha256, utf8, utf8Text } from '@halligan/format';
import { z } from 'zod';
import { platformRandom, type RandomBytes } from './fields.ts';

const PREFIX = utf8('halligan/attachment/v1\n');
const SALT = 32;
const LINE_FEED = 10;
const MOST_MEDIA_TYPE = 160;
const TOKEN = '[a-z0-9][a-z0-9!#$&^_.+-]{0,63}';

/** RFC 6838 names in lower case, and at most a charset: it can hold no line feed, on which the digest relies. */
export const mediaTypeField = z
  .string()
  .max(MOST_MEDIA_TYPE)
  .regex(
    new RegExp(`^${TOKEN}/${TOKEN}(?:; charset=[a-z0-9-]{1,20})?$`),
    'write a media type such as text/plain',
  );

/** Bytes after which a plain form's head has ended, or it is none. */
export const MOST_HEAD = PREFIX.length + SALT + MOST_MEDIA_TYPE + 1;

/**
 * A file in its plain form: prefix ‖ salt ‖ media type ‖ line feed ‖ content. SHA-256 of it is the digest that a
 * statement carries, so any program can check it. How files travel and lie that are too large for JSON.
 */
export interface PlainAttachment {
  readonly digest: string;
  readonly plain: Uint8Array;
}

/** What stands before the content. Unambiguous: prefix and salt have fixed lengths, a media type holds no line feed. */
export function plainHead(salt: Uint8Array, mediaType: string): Uint8Array {
  return concat(PREFIX, salt, utf8(mediaType), utf8('\n'));
}

/**
 * Wraps a file of any size.
 * @param mediaType lower case, such as `image/png`
 * @param random for tests; 32 bytes are taken
 * @throws `statement.attachment`
 */
export function makePlainAttachment(
  content: Uint8Array,
  mediaType: string,
  random: RandomBytes = platformRandom,
): PlainAttachment {
  if (!mediaTypeField.safeParse(mediaType).success) throw refused('its media type is none');
  const plain = concat(plainHead(random(SALT), mediaType), content);
  return { digest: hex(sha256(plain)), plain };
}

/**
 * Reads the head of a plain form that an attacker may have written.
 * @param first its first bytes, {@link MOST_HEAD} of them where it has so many
 * @returns the media type, and where the content begins
 * @throws `statement.attachment`
 */
export function readPlainHead(first: Uint8Array): {
  readonly mediaType: string;
  readonly start: number;
} {
  if (PREFIX.some((byte, at) => first[at] !== byte)) throw refused('it does not begin as one does');
  const from = PREFIX.length + SALT;
  const end = first.indexOf(LINE_FEED, from);
  if (end === -1 || end - from > MOST_MEDIA_TYPE) throw refused('its media type does not end');
  const mediaType = mediaTypeField.safeParse(textOf(first.subarray(from, end)));
  if (!mediaType.success) throw refused('its media type is none');
  return { mediaType: mediaType.data, start: end + 1 };
}

/** Opens a plain form that an attacker may have written. @throws `statement.attachment` where it is another than `digest` */
export function checkPlainAttachment(
  digest: string,
  plain: Uint8Array,
): { readonly mediaType: string; readonly bytes: Uint8Array } {
  const { mediaType, start } = readPlainHead(plain.subarray(0, MOST_HEAD));
  if (hex(sha256(plain)) !== digest) throw refused('its content does not fit its digest');
  return { mediaType, bytes: plain.subarray(start) };
}

/** The plain form of an attachment that came as JSON and was checked. */
export function plainFormOf(
  { salt, mediaType }: { readonly salt: string; readonly mediaType: string },
  content: Uint8Array,
): Uint8Array {
  return concat(plainHead(fromHex(salt), mediaType), content);
}

function textOf(bytes: Uint8Array): string {
  try {
    return utf8Text(bytes);
  } catch {
    return '';
  }
}

function refused(why: string): HalliganError {
  return new HalliganError(
    'statement.attachment',
    `This attachment is refused: ${why}.`,
    'Attach the original again.',
  );
}
