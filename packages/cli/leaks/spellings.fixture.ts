/** One way in which something may lie in bytes. */
export interface Spelling {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Alphabets of 2^n letters: what is encoded by them begins anywhere in a letter, by what came before it. */
const ALPHABETS: Readonly<Record<string, string>> = {
  hex: '0123456789abcdef',
  HEX: '0123456789ABCDEF',
  base32: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
  bech32: 'qpzry9x8gf2tvdw0s3jn54khce6mua7l',
  BECH32: 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L',
  base64: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  base64url: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
};

/**
 * The ways in which a text or some bytes may lie in bytes: as they are, in every alphabet wherever they begin in it,
 * escaped, and as lists of numbers; each text as UTF-8 and as UTF-16. Every name is there once.
 */
export function spellings(form: string | Uint8Array): readonly Spelling[] {
  if (typeof form !== 'string')
    return [{ name: 'bytes', bytes: Buffer.from(form) }, ...written(form, '')];
  const wide = Buffer.from(form, 'utf16le');
  return [
    ...inUnicode('text', form),
    { name: 'text in UTF-16BE', bytes: Buffer.from(form, 'utf16le').swap16() },
    ...changed(form, 'JSON', JSON.stringify(form).slice(1, -1)),
    ...changed(form, 'percent', encodeURIComponent(form)),
    ...written(Buffer.from(form), ''),
    ...written(wide, ' of UTF-16LE'),
  ];
}

/** Bytes written as text. */
function written(bytes: Uint8Array, of: string): readonly Spelling[] {
  return [
    ...Object.entries(ALPHABETS).flatMap(([name, letters]) =>
      within(bytes, letters).flatMap((text, at) => inUnicode(`${name}${of} from ${at}`, text)),
    ),
    ...inUnicode(`numbers${of}`, bytes.join(',')),
    ...inUnicode(`members${of}`, [...bytes].map((byte, at) => `"${at}":${byte}`).join(',')),
  ];
}

/** V8 keeps a text that has one letter beyond Latin-1 in UTF-16, with whatever else is in it. */
function inUnicode(name: string, text: string): readonly Spelling[] {
  return [
    { name, bytes: Buffer.from(text) },
    { name: `${name} in UTF-16LE`, bytes: Buffer.from(text, 'utf16le') },
  ];
}

function changed(form: string, name: string, escaped: string): readonly Spelling[] {
  return escaped === form ? [] : inUnicode(name, escaped);
}

/**
 * How bytes are spelled somewhere within a longer encoding: once for each place in a letter at which they may begin. The
 * letters at the edges are left out, since they depend on the neighbours.
 */
function within(bytes: Uint8Array, letters: string): readonly string[] {
  const width = Math.log2(letters.length);
  const beginnings = new Set<number>();
  const texts: string[] = [];
  for (let before = 0; !beginnings.has((before * 8) % width); before += 1) {
    beginnings.add((before * 8) % width);
    texts.push(encode(bytes, letters, (width - ((before * 8) % width)) % width));
  }
  return texts;
}

/** Whole letters only. @param skipped bits at the beginning that belong to a letter which began before */
function encode(bytes: Uint8Array, letters: string, skipped: number): string {
  const width = Math.log2(letters.length);
  let text = '';
  for (let bit = skipped; bit + width <= bytes.length * 8; bit += width) {
    const high = bytes[bit >> 3] ?? 0;
    const low = bytes[(bit >> 3) + 1] ?? 0;
    const value = (((high << 8) | low) >> (16 - (bit & 7) - width)) & (letters.length - 1);
    text += letters.charAt(value);
  }
  return text;
}
