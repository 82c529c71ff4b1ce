/** Entries of a list that the record takes, and characters of an entry (`procedure/account/access.ts`). */
const MOST = 32;
const LONGEST = 120;

/** One line of printable ASCII: a hostile system's words are shown, never obeyed by a terminal. */
export function accessEntry(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, LONGEST);
}

/** Sorted and bounded: a hostile system could send thousands. What is left out is counted, so that a change shows. */
export function accessList(entries: Iterable<string>): readonly string[] {
  const sorted = [...new Set([...entries].map(accessEntry))].sort();
  if (sorted.length <= MOST) return sorted;
  return [...sorted.slice(0, MOST - 1), `~ and ${sorted.length - MOST + 1} more`];
}
