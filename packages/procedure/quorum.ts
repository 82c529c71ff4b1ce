import { holdersOf, memberById, type Roster } from '@halligan/statement';
import type { SealHeader } from './account/events.ts';
import { type QuorumPath, SERVER_GROUP } from './organisation/policy.ts';

/** One released share, as far as counting needs it. */
export interface Release {
  readonly group: string;
  readonly holder: string;
}

/** How far one group of a path is. */
export interface GroupProgress {
  readonly name: string;
  readonly need: number;
  readonly have: readonly string[];
  readonly missing: readonly string[];
}

/**
 * The quorum of a seal's path, group by group: distinct holders whom the seal itself names, whoever else claims to
 * be one. The seal's own paths govern its opening, not the policy of the day.
 */
export function quorumProgress(
  header: SealHeader,
  pathName: string,
  releases: readonly Release[],
): readonly GroupProgress[] {
  const path = header.paths.find((one) => one.name === pathName);
  return (path?.groups ?? []).map((group) => {
    const have = group.holders.filter((holder) =>
      releases.some((one) => one.group === group.name && one.holder === holder),
    );
    return {
      name: group.name,
      need: group.need,
      have,
      // One person counts once: who released for another group of the path is no help here.
      missing: group.holders.filter((holder) => !releases.some((one) => one.holder === holder)),
    };
  });
}

/** Whether every group of a progress has what it needs. A path that does not exist is never met. */
export function isMet(progress: readonly GroupProgress[]): boolean {
  return (
    progress.length > 0 &&
    progress.every((group) => group.need > 0 && group.have.length >= group.need)
  );
}

/** Whether all that is missing are programs' shares: people have done their part. */
export function onlyProgramsMissing(progress: readonly GroupProgress[]): boolean {
  return isMet(progress.filter((group) => group.name !== SERVER_GROUP));
}

/**
 * Whether one single person could open a path: true where every group of people asks for one holder and somebody is
 * in all of them. Programs count as nobody, so a path of programs alone opens to nobody's decision: also true.
 */
export function oneCanOpen(path: QuorumPath, roster: Roster): boolean {
  const groups = path.groups.filter((group) => group.name !== SERVER_GROUP);
  const [first] = groups;
  if (first === undefined) return true;
  if (groups.some((group) => group.need > 1)) return false;
  const holders = groups.map((group) => holdersOf(roster, group.name).map((member) => member.id));
  return (holders[0] ?? []).some((person) => holders.every((ids) => ids.includes(person)));
}

/**
 * Whether distinct people can satisfy all these groups at once, one person counting for one group: a matching of
 * places to people.
 */
export function canBeMet(
  groups: readonly { readonly need: number; readonly holders: readonly string[] }[],
): boolean {
  const places = groups.flatMap(({ need, holders }) =>
    Array.from({ length: Math.max(0, need) }, () => holders),
  );
  const taken = new Map<string, readonly string[]>();
  const seat = (place: readonly string[], tried: Set<string>): boolean =>
    place.some((holder) => {
      if (tried.has(holder)) return false;
      tried.add(holder);
      const sitting = taken.get(holder);
      if (sitting !== undefined && !seat(sitting, tried)) return false;
      taken.set(holder, place);
      return true;
    });
  return places.every((place) => seat(place, new Set()));
}

/** Whether a member of the roster is a person, not a program. */
export function isPerson(roster: Roster | undefined, id: string): boolean {
  return roster !== undefined && memberById(roster, id)?.kind === 'person';
}
