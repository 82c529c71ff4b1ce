/**
 * Characters that a reader does not see or that turn what stands around them about: controls, bidirectional marks,
 * zero-width and private ones, fillers. Whoever signs a text must have seen all of it.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]/u;

/** The first hidden character of a text, but for tabs and line ends: its index, and its name such as `U+202E`. */
export function hiddenCharacter(
  text: string,
): { readonly index: number; readonly name: string } | undefined {
  let index = 0;
  for (const character of text) {
    if (HIDDEN.test(character) && !'\t\n\r'.includes(character))
      return { index, name: codePoint(character) };
    index += character.length;
  }
  return undefined;
}

/**
 * A text as it may be shown on one line, character by character: what is hidden stands as `<U+202E>`. For ids, secrets and
 * error messages; what people wrote at length is for `document`'s `harmless`, which leaves their scripts readable.
 */
export function visible(text: string): string {
  return [...text].map((one) => (HIDDEN.test(one) ? `<${codePoint(one)}>` : one)).join('');
}

/** The characters of a text that are not ASCII, by their names: an id may hold none, however Latin it looks. */
export function foreignCharacters(text: string): readonly string[] {
  return [...new Set([...text].filter((one) => (one.codePointAt(0) ?? 0) > 0x7e).map(codePoint))];
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
