import type { Entry } from 'ldapts';

/** The values of an attribute that are text; `ldapts` answers with a string, bytes, or a list of either. */
export function all(entry: Entry, attribute: string): readonly string[] {
  const value = entry[attribute];
  return [value ?? []].flat().filter((one) => typeof one === 'string');
}

/** The first value that is text. */
export function first(entry: Entry, attribute: string): string | undefined {
  return all(entry, attribute)[0];
}

/** The values that are bytes, of an attribute that was asked for so. */
export function allBytes(entry: Entry, attribute: string): readonly Uint8Array[] {
  const value = entry[attribute];
  return [value ?? []].flat().filter((one) => one instanceof Uint8Array);
}
