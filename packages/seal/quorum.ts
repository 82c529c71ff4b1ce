import type { SealHeader } from './header.ts';
import { type Path, pathNamed } from './paths.ts';

/** What a group still needs. */
export interface Missing {
  readonly group: string;
  /** How many more shares. */
  readonly count: number;
  /** Whose would do. Fewer than `count`: these holders cannot open this path any more. */
  readonly from: readonly string[];
}

/** Who can open a path. */
export interface Openers {
  readonly path: string;
  /** Minimal sets: leave out any holder, and the rest cannot open this path. Holders are in the order of their ids. */
  readonly sets: readonly (readonly string[])[];
  /** False where there were more sets than the limit: `sets` then holds some of them, perhaps not minimal. */
  readonly complete: boolean;
}

/**
 * What is missing to open a path when these holders give all their shares of it; empty: nothing.
 * @throws `seal.no-such-path`
 */
export function missingFor(
  header: SealHeader,
  path: string,
  present: readonly string[],
): readonly Missing[] {
  const there = new Set(present);
  return missingIn(pathNamed(header.paths, path), (_, holder) => there.has(holder));
}

/** The same, share by share. */
export function missingIn(
  path: Path,
  isThere: (group: string, holder: string) => boolean,
): readonly Missing[] {
  return path.groups.flatMap(({ name, need, holders }) => {
    const from = holders.filter((holder) => !isThere(name, holder));
    const count = need - (holders.length - from.length);
    return count > 0 ? [{ group: name, count, from }] : [];
  });
}

/**
 * The minimal sets of holders that open each path, for the readiness board and the policy's checks.
 * @param limit how many combinations of a path to go through; 8 of 16 and 8 of 16 are 165 million
 */
export function whoCanOpen(header: Pick<SealHeader, 'paths'>, limit = 10_000): readonly Openers[] {
  return header.paths.map((path) => {
    const found: string[][] = [];
    let complete = true;
    for (const set of quorums(path.groups)) {
      if (found.length === limit) {
        complete = false;
        break;
      }
      found.push([...new Set(set)].sort());
    }
    return { path: path.name, sets: minimal(found), complete };
  });
}

/** One choice of `need` holders from each group, after the other. Lazy: there may be very many. */
function* quorums(groups: Path['groups']): Generator<readonly string[]> {
  const [first, ...others] = groups;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const chosen of choices(first.holders, first.need)) {
    for (const rest of quorums(others)) yield [...chosen, ...rest];
  }
}

function* choices(from: readonly string[], count: number): Generator<readonly string[]> {
  if (count === 0) {
    yield [];
    return;
  }
  for (const [at, one] of from.entries()) {
    for (const rest of choices(from.slice(at + 1), count - 1)) yield [one, ...rest];
  }
}

/** Drops doubles and sets that contain another. Smaller sets come first, so kept ones are never dropped. */
function minimal(sets: readonly (readonly string[])[]): (readonly string[])[] {
  const kept: ReadonlySet<string>[] = [];
  for (const set of sets.toSorted(
    (a, b) => a.length - b.length || (a.join() < b.join() ? -1 : 1),
  )) {
    const these = new Set(set);
    if (!kept.some((other) => other.isSubsetOf(these))) kept.push(these);
  }
  return kept.map((set) => [...set]);
}
