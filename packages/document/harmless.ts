/**
 * Characters that are obeyed instead of read: controls, marks that turn the direction of what follows, separators of
 * lines that no key types, and those without any width, which hide a difference between two names. Line feed and tab
 * are not among them, nor what Arabic, Persian, Indic scripts and emoji are written with.
 */
const OBEYED =
  /(?![\n\t\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|(?<=^|[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{ASCII}])[\u200c\u200d]/gu;

/** More marks on one letter than any language writes: they climb over the lines above. */
const PILED = /(\p{M}{8})\p{M}+/gu;

/**
 * For what a person wrote, shown at length; where every character counts, as in an id or a password, `format`'s `visible`
 * names each hidden one instead.
 *
 * A text in which everything is seen: what would be obeyed is a replacement character, line breaks are line feeds.
 */
export function harmless(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(OBEYED, '\ufffd').replace(PILED, '$1\ufffd');
}

/** The same on one line: a name cannot begin another line. */
export function harmlessLine(text: string): string {
  return harmless(text).replace(/[\n\t]/g, ' ');
}
