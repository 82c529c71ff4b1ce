import { hex, sha256, utf8 } from '@halligan/format';

/** Entries of a list that the record takes, and characters of an entry (`procedure/account/access.ts`). */
const MOST = 32;
const LONGEST = 120;

/**
 * One line of printable ASCII: a hostile system's words are shown, never obeyed by a terminal. One that is longer ends
 * with a digest of the whole: two that begin alike stay two.
 */
export function accessEntry(text: string): string {
  const shown = text.replaceAll(/[^\x20-\x7e]/g, '?');
  if (shown.length <= LONGEST) return shown;
  const digest = ` ... SHA256 ${digestOf(shown)}`;
  return `${shown.slice(0, LONGEST - digest.length)}${digest}`;
}

/**
 * Sorted and bounded: a hostile system could send thousands. What is left out is counted, and its digest is there, so
 * that a change among it shows, even one for another.
 */
export function accessList(entries: Iterable<string>): readonly string[] {
  const sorted = [...new Set([...entries].map(accessEntry))].sort();
  if (sorted.length <= MOST) return sorted;
  const rest = sorted.slice(MOST - 1);
  const digest = digestOf(rest.join('\n'));
  return [...sorted.slice(0, MOST - 1), `~ and ${rest.length} more, SHA256 ${digest}`];
}

/** 80 bits: nobody finds another list of the same ones for it. */
function digestOf(text: string): string {
  return hex(sha256(utf8(text))).slice(0, 20);
}
