import { canonicalBytes, HalliganError, type Json, utf8Text } from '@halligan/format';
import type { EventGroup, Size } from './journal.ts';

/** Most bytes of an entry: C2SP tlog-tiles writes its length in 16 bits. */
export const MAX_ENTRY_BYTES = 65_535;

const VERSION = 'halligan/group/v1';

/** The bytes of a group, which are the leaf data of the tree. @throws `journal.entry-too-large`, `format.json` */
export function encodeEntry({ input, events }: EventGroup): Uint8Array {
  const bytes = canonicalBytes({ v: VERSION, input, events });
  if (bytes.length > MAX_ENTRY_BYTES) {
    throw new HalliganError(
      'journal.entry-too-large',
      `This entry has ${bytes.length} bytes; ${MAX_ENTRY_BYTES} is the limit.`,
      'Store what is large as a blob and journal its digest.',
    );
  }
  return bytes;
}

/**
 * The group that an entry's bytes hold. Only for bytes whose hash is in the tree: they are what {@link encodeEntry} wrote, so
 * their canonical form is not proven again. @throws `journal.version` where another version of Halligan wrote them
 */
export function decodeEntry(index: Size, bytes: Uint8Array): EventGroup {
  const value: Json = JSON.parse(utf8Text(bytes));
  if (!isObject(value) || value.v !== VERSION) throw unknownEntry(index);
  const { input, events } = value;
  if (input === undefined || events === undefined || !isList(events)) throw unknownEntry(index);
  return { input, events };
}

function isObject(value: Json): value is { readonly [name: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !isList(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function unknownEntry(index: Size): HalliganError {
  return new HalliganError(
    'journal.version',
    `Entry ${index} is genuine, but of a kind that this version does not know.`,
    'Read this journal with the version of Halligan that wrote it, or a later one.',
  );
}
