import { bech32 } from '@scure/base';

/** The longest string worth decoding: a hybrid recipient has 1,959 characters. */
export const MAX_TEXT = 2048;

/** No length limit of 90: hybrid recipients are longer. The decoder's error quotes its input, so it is dropped. */
export function decodeBech32(
  text: string,
): { readonly prefix: string; readonly bytes: Uint8Array } | undefined {
  const decoded = bech32.decodeUnsafe(text, false);
  const bytes = decoded === undefined ? undefined : bech32.fromWordsUnsafe(decoded.words);
  if (decoded === undefined || bytes === undefined) return undefined;
  return { prefix: decoded.prefix, bytes: Uint8Array.from(bytes ?? []) };
}

/** Bytes behind a human-readable part, in lower case, however long. */
export function encodeBech32(prefix: string, bytes: Uint8Array): string {
  return bech32.encode(prefix, bech32.toWords(bytes), false);
}
