import { groupsOf, holdersOf, type Roster } from '@halligan/statement';
import { canBeMet, isPerson } from '../quorum.ts';
import { type Finding, gravestFirst } from './finding.ts';
import { lintChoices, lintFigures } from './lint-figures.ts';
import { openingSets } from './opening-sets.ts';
import { approversOf, type Policy, pathsOf, type QuorumPath, SERVER_GROUP } from './policy.ts';

/** What a lint knows of people besides the roster: who administers day by day. */
export interface DailyAdmins {
  readonly dailyAdmins: readonly string[];
}

/**
 * What is weak about a policy with these people: permanent findings, gravest first. Pure: the same for a draft on an
 * admin's desk, at adoption, and for the policy in force.
 */
export function lintPolicy(
  policy: Policy,
  roster: Roster,
  { dailyAdmins }: DailyAdmins = { dailyAdmins: [] },
): readonly Finding[] {
  return gravestFirst([
    ...Object.keys(policy.quorums).flatMap((tier) =>
      pathsOf(policy, tier).flatMap((path) => ofPath(tier, path, roster)),
    ),
    ...ofGroups(policy, roster, dailyAdmins),
    ...ofPeople(policy, roster),
    ...lintFigures(policy),
    ...lintChoices(policy),
  ]);
}

function ofPath(tier: string, path: QuorumPath, roster: Roster): readonly Finding[] {
  const about = `${tier}.${path.name}`;
  const groups = path.groups.map(({ name, need }) => ({
    name,
    need,
    holders: holdersOf(roster, name).map(({ id }) => id),
  }));
  const empty = groups.filter(({ holders }) => holders.length === 0);
  if (empty.length > 0)
    return empty.map(({ name }) => ({
      id: `unknown-group:${about}.${name}`,
      severity: 'critical',
      what: `The path ${about} names the group “${name}”, in which nobody is: it cannot be opened.`,
      fix: `Fill it: halligan person group ${name} …`,
    }));
  if (!canBeMet(groups))
    return [
      {
        id: `closed-path:${about}`,
        severity: 'critical',
        what: `The path ${about} cannot be opened: its groups have too few distinct members.`,
        fix: 'Add members: halligan person group …, or ask for fewer.',
      },
    ];
  return [...ofSmallestSet(about, path, roster), ...ofShared(about, groups)];
}

function ofSmallestSet(about: string, path: QuorumPath, roster: Roster): readonly Finding[] {
  const [smallest] = openingSets(path, roster);
  if (smallest === undefined || smallest.length >= 2) return [];
  const [who] = smallest;
  return [
    {
      id: `one-person-path:${about}`,
      severity: 'critical',
      what:
        who === undefined
          ? `Nobody is needed to open the path ${about}: programs alone open it.`
          : `One person, ${who} for one, can open the path ${about} alone.`,
      fix: 'Ask for two people, and let nobody be in all groups of a path.',
    },
  ];
}

/** Members of two groups of a path: the path asks for fewer people than it reads. */
function ofShared(
  about: string,
  groups: readonly { readonly name: string; readonly holders: readonly string[] }[],
): readonly Finding[] {
  return groups.flatMap((group, at) =>
    groups.slice(at + 1).flatMap((other): readonly Finding[] => {
      const both = group.holders.filter((id) => other.holders.includes(id));
      if (both.length === 0) return [];
      return [
        {
          id: `shared-members:${about}.${group.name}.${other.name}`,
          severity: 'warning',
          what: `${both.join(', ')} ${both.length === 1 ? 'is' : 'are'} in both “${group.name}” and “${other.name}” of the path ${about}, and ${both.length === 1 ? 'holds' : 'hold'} a share of each.`,
          fix: 'Let the groups of a path have no member in common.',
        },
      ];
    }),
  );
}

/** Each group that a path names, once. */
function ofGroups(
  policy: Policy,
  roster: Roster,
  dailyAdmins: readonly string[],
): readonly Finding[] {
  const needs = new Map<string, number>();
  for (const tier of Object.keys(policy.quorums))
    for (const { groups } of pathsOf(policy, tier))
      for (const { name, need } of groups) needs.set(name, Math.max(need, needs.get(name) ?? 0));
  return [...needs].flatMap(([name, need]): readonly Finding[] => {
    const ids = holdersOf(roster, name).map(({ id }) => id);
    const people = ids.filter((id) => isPerson(roster, id));
    const strangers = ids.filter((id) => isPerson(roster, id) === (name === SERVER_GROUP));
    const list: Finding[] = [];
    if (ids.length > 0 && strangers.length > 0)
      list.push({
        id: `wrong-kind:${name}`,
        severity: 'critical',
        what:
          name === SERVER_GROUP
            ? `${strangers.join(', ')}, of the group “server”, ${strangers.length === 1 ? 'is a person' : 'are people'}: the quorum counts that group as nobody.`
            : `${strangers.join(', ')}, of the group “${name}”, ${strangers.length === 1 ? 'is a program' : 'are programs'}: a person’s part is done by nobody.`,
        fix: `Change it: halligan person group ${name} …`,
      });
    if (name === SERVER_GROUP) return list;
    if (people.length > 0 && people.length <= need)
      list.push({
        id: `quorum-margin:${name}`,
        severity: 'warning',
        what: `The group “${name}” has ${people.length} ${people.length === 1 ? 'person' : 'people'} and a path asks for ${need}: if one is missing, that path is shut.`,
        fix: `Have at least ${need + 1}: halligan person group ${name} …`,
      });
    for (const person of people.filter((id) => dailyAdmins.includes(id)))
      list.push({
        id: `custodian-is-daily-admin:${name}.${person}`,
        severity: 'warning',
        what: `${person} holds shares in “${name}” and administers the systems day by day.`,
        fix: 'Choose a custodian who is no day-to-day administrator.',
      });
    return list;
  });
}

function ofPeople(policy: Policy, roster: Roster): readonly Finding[] {
  const named: readonly (readonly [string, string])[] = [
    ['owner', policy.owner],
    ...(policy.governance === undefined ? [] : [['governance', policy.governance] as const]),
    ...Object.entries(policy.approvers).flatMap(([tier, ids]) =>
      ids.map((id) => [`approvers.${tier}`, id] as const),
    ),
  ];
  const unknown = named
    .filter(([, id]) => !isPerson(roster, id))
    .map(
      ([place, id]): Finding => ({
        id: `unknown-person:${place}.${id}`,
        severity: 'critical',
        what: `${place} names “${id}”, who is not a person of the roster.`,
        fix: 'Admit them (halligan person admit), or name somebody else.',
      }),
    );
  const tiers = Object.keys(policy.quorums).flatMap((tier): readonly Finding[] => {
    const approvers = approversOf(policy, tier).filter((id) => isPerson(roster, id));
    const groups = new Set(
      pathsOf(policy, tier).flatMap((path) => path.groups.map((group) => group.name)),
    );
    const holding = approvers.filter((id) => groupsOf(roster, id).some((name) => groups.has(name)));
    return [
      ...(approvers.length === 1
        ? [
            {
              id: `one-approver:${tier}`,
              severity: 'warning',
              what: `Only ${approvers[0]} approves for ${tier}: if they cannot be reached, nobody can.`,
              fix: 'Name another approver or deputy in the policy.',
            } as const,
          ]
        : []),
      ...holding.map(
        (id): Finding => ({
          id: `approver-holds-shares:${tier}.${id}`,
          severity: 'notice',
          what: `${id} approves for ${tier} and holds a share of it: one of two controls fewer.`,
          fix: 'Let approvers hold no shares of what they approve.',
        }),
      ),
    ];
  });
  return [...unknown, ...tiers];
}
