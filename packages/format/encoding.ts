import { HalliganError } from './error.ts';

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 bytes of a string. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The string that UTF-8 bytes spell. @throws `format.utf8` where they spell none. */
export function utf8Text(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch (cause) {
    throw new HalliganError(
      'format.utf8',
      'These bytes are not UTF-8 text.',
      'The file is damaged or of another kind.',
      { cause },
    );
  }
}

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  return bytes.toHex();
}

/** Bytes of lower-case hexadecimal. @throws `format.hex` on anything else (upper case included: one value, one spelling). */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) {
    throw new HalliganError(
      'format.hex',
      'This is not lower-case hexadecimal.',
      'Check that the value was copied whole.',
    );
  }
  return Uint8Array.fromHex(text);
}

/** Standard base64 with padding (RFC 4648 section 4). */
export function base64(bytes: Uint8Array): string {
  return bytes.toBase64();
}

/**
 * Bytes of standard base64, strictly: padding present, no white space, unused bits zero, so that one value has
 * one spelling and a changed character never goes unnoticed. @throws `format.base64`
 */
export function fromBase64(text: string): Uint8Array {
  const bytes = /\s/.test(text) ? undefined : decodeStrictly(text);
  if (bytes === undefined) {
    throw new HalliganError(
      'format.base64',
      'This is not canonical base64.',
      'Check that the value was copied whole.',
    );
  }
  return bytes;
}

function decodeStrictly(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text, { lastChunkHandling: 'strict' });
  } catch {
    return undefined;
  }
}

/** The parts, one after the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Whether two byte strings are equal. Not constant-time: compare digests of secrets, never secrets. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  // A loop, and no callback for each byte: whole kits are compared, several times a rotation.
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}
