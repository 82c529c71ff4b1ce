import { holdersOf, type Roster } from '@halligan/statement';
import { after, roughSeconds } from '../duration.ts';
import { isPerson } from '../quorum.ts';
import {
  type Policy,
  pathsOf,
  type QuorumPath,
  rulesOf,
  SERVER_GROUP,
  thresholdOf,
  timerOf,
} from './policy.ts';

/** Signatures of a group that a loosened policy lacks to take effect without its delay. */
export interface GroupConsent {
  readonly group: string;
  readonly need: number;
  readonly have: number;
}

/**
 * The groups whose quorum another policy loosens: fewer are needed, another group does in place of one, a path is
 * added. A path is no looser where a path of before asks for nothing that it does not ask for too. Empty where nothing
 * is loosened, and under policies from before this rule: their journals are judged as they were.
 */
export function loosenedGroups(before: Policy, now: Policy): readonly string[] {
  if (rulesOf(before) < 2) return [];
  const everywhere =
    rulesOf(now) < rulesOf(before) ||
    (now.allow_one_person && !before.allow_one_person) ||
    roughSeconds(timerOf(now, 'loosening')) < roughSeconds(timerOf(before, 'loosening'));
  const tiers = Object.keys(before.quorums).filter(
    (tier) =>
      everywhere ||
      pathsOf(now, tier).some(
        (path) => !pathsOf(before, tier).some((old) => asksForAllOf(path, old)),
      ),
  );
  const groups = tiers.flatMap((tier) =>
    pathsOf(before, tier).flatMap((path) => path.groups.map(({ name }) => name)),
  );
  return [...new Set(groups)].filter((name) => name !== SERVER_GROUP).sort();
}

function asksForAllOf(path: QuorumPath, old: QuorumPath): boolean {
  return old.groups.every(({ name, need }) =>
    path.groups.some((group) => group.name === name && group.need >= need),
  );
}

/**
 * What consent a new policy lacks: of each group that it loosens, as many people as the largest threshold that any path
 * of the policy in force asks of it. A group without people cannot be asked; the two admins answer for it.
 */
export function missingConsent(
  before: Policy | undefined,
  now: Policy,
  roster: Roster,
  signers: readonly string[],
): readonly GroupConsent[] {
  if (before === undefined) return [];
  return loosenedGroups(before, now)
    .map((group) => {
      const people = peopleOf(roster, group);
      return {
        group,
        need: people.length === 0 ? 0 : thresholdOf(before, group),
        have: people.filter((id) => signers.includes(id)).length,
      };
    })
    .filter(({ need, have }) => have < need);
}

/** People of a group. */
export function peopleOf(roster: Roster, group: string): readonly string[] {
  return holdersOf(roster, group)
    .map(({ id }) => id)
    .filter((id) => isPerson(roster, id));
}

/** When a loosened policy takes effect without consent, counted from when the record first held it. */
export function effectiveAt(before: Policy, proposedAt: string): string {
  return after(proposedAt, timerOf(before, 'loosening'), before.time_zone);
}
