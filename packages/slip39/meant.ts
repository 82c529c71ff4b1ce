import { wordlist } from './wordlist.ts';

const MAX_SUGGESTIONS = 6;
const LONGEST_WORD = 8;

/**
 * Words of the list that a person may have meant by `typed`: those with the same first four letters, those it
 * begins, and those one slip away (two, from six letters on), where a slip is a letter missing, added or changed, or
 * two swapped. Nearest first, at most six. They are questions to the person who holds the paper, and are never put
 * in by themselves.
 */
export function wordsMeantBy(typed: string): readonly string[] {
  // Nothing on the list is near a long word, and an attacker's long one must not cost time.
  if (typed.length > LONGEST_WORD * 2) return [];
  const forgiven = typed.length < 6 ? 1 : 2;
  return wordlist
    .map((word) => ({ word, slips: begins(typed, word) ? 1 : slipsWithin(forgiven, typed, word) }))
    .filter((candidate) => candidate.slips <= forgiven)
    .sort((a, b) => a.slips - b.slips)
    .slice(0, MAX_SUGGESTIONS)
    .map((candidate) => candidate.word);
}

function begins(typed: string, word: string): boolean {
  return typed.length >= 3 && (word.startsWith(typed) || typed.startsWith(word.slice(0, 4)));
}

/** The optimal string alignment distance, or infinity where the lengths alone differ by more than `limit`. */
function slipsWithin(limit: number, a: string, b: string): number {
  if (Math.abs(a.length - b.length) > limit) return Infinity;
  let beforePrevious: readonly number[] = [];
  let previous: readonly number[] = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const changed = a[row - 1] === b[column - 1] ? 0 : 1;
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(
        Math.min(
          (previous[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (previous[column - 1] ?? 0) + changed,
          swapped && row > 1 && column > 1 ? (beforePrevious[column - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] ?? Infinity;
}
