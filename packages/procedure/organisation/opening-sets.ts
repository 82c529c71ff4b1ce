import { holdersOf, type Roster } from '@halligan/statement';
import { isPerson } from '../quorum.ts';
import { type QuorumPath, SERVER_GROUP } from './policy.ts';

/** Most sets that are looked for on one path: enough to read, and an end to the search. */
const MOST_SETS = 64;
/** Most half-made sets that are looked at: with the limits of a roster the rest says nothing new. */
const MOST_TRIES = 20_000;

/**
 * The smallest sets of distinct people whose shares open a path, smallest first. Programs count as nobody, and somebody
 * in two groups counts in both: mathematics does not stop whoever holds two shares. No set contains another. A path
 * that needs nobody gives one empty set; one that cannot be opened gives none.
 */
export function openingSets(path: QuorumPath, roster: Roster): readonly (readonly string[])[] {
  const groups = path.groups
    .filter(({ name }) => name !== SERVER_GROUP)
    .map(({ name, need }) => {
      const holders = holdersOf(roster, name).map(({ id }) => id);
      const people = holders.filter((id) => isPerson(roster, id));
      // A program in a group of people does one part of it, whenever it is told to.
      return { need: Math.max(0, need - (holders.length - people.length)), people };
    });
  const found: (readonly string[])[] = [];
  const seen = new Set<string>();
  let layer: readonly (readonly string[])[] = [[]];
  for (let tries = 0; layer.length > 0 && found.length < MOST_SETS; ) {
    const next: (readonly string[])[] = [];
    for (const set of layer) {
      const short = groups.find(
        ({ need, people }) => people.filter((id) => set.includes(id)).length < need,
      );
      if (short === undefined) {
        if (!found.some((one) => one.every((id) => set.includes(id)))) found.push(set);
        continue;
      }
      for (const person of short.people) {
        const larger = [...new Set([...set, person])].sort();
        const name = larger.join(' ');
        if (larger.length === set.length || seen.has(name) || tries >= MOST_TRIES) continue;
        tries += 1;
        seen.add(name);
        next.push(larger);
      }
    }
    layer = next;
  }
  return found.slice(0, MOST_SETS);
}
