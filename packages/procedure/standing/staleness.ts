import { canonicalText } from '@halligan/format';
import { holdersOf } from '@halligan/statement';
import type { Account } from '../account/state.ts';
import { pathsOf } from '../organisation/policy.ts';
import { entryOf, type State } from '../state.ts';

/** Why a sealed version no longer fits who people are and what the policy says; the gravest reason. */
export type Staleness =
  /** A holder left, or left the group, or has another key: what they hold still opens it. */
  | { readonly because: 'holder'; readonly person: string; readonly since: string }
  /** Paths, thresholds or members changed: it opens as the old policy says. */
  | { readonly because: 'quorum'; readonly since: string };

/** Compares the version that an account’s system accepts with the roster and the policy in force. */
export function stalenessOf(state: State, account: Account): Staleness | undefined {
  const { roster, standing } = state;
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  const version = account.versions[account.current];
  if (roster === undefined || policy === undefined || version === undefined) return undefined;
  const { paths } = version.header;
  const groups = paths.flatMap((path) => path.groups);
  for (const group of groups) {
    const now = holdersOf(roster, group.name).map(({ id }) => id);
    for (const person of group.holders) {
      const rekeyed = entryOf(standing.rekeyed, person);
      if (!now.includes(person))
        return { because: 'holder', person, since: standing.staffChanged ?? version.sealedAt };
      if (rekeyed !== undefined && Date.parse(rekeyed) > Date.parse(version.sealedAt))
        return { because: 'holder', person, since: rekeyed };
    }
  }
  const expected = pathsOf(policy, account.document.quorum).map(({ name, groups: parts }) => ({
    name,
    groups: parts.map((part) => ({
      ...part,
      holders: holdersOf(roster, part.name).map(({ id }) => id),
    })),
  }));
  return shapeOf(expected) === shapeOf(paths)
    ? undefined
    : {
        because: 'quorum',
        since: laterOf(standing.policySince, standing.staffChanged) ?? version.sealedAt,
      };
}

/** Paths, whatever order their groups and holders stand in. */
function shapeOf(
  paths: readonly {
    readonly name: string;
    readonly groups: readonly {
      readonly name: string;
      readonly need: number;
      readonly holders: readonly string[];
    }[];
  }[],
): string {
  const shapes = paths.map(({ name, groups }) =>
    canonicalText([
      name,
      groups
        .map((group) => canonicalText([group.name, group.need, [...group.holders].sort()]))
        .sort(),
    ]),
  );
  return canonicalText(shapes.sort());
}

function laterOf(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Date.parse(a) >= Date.parse(b) ? a : b;
}
