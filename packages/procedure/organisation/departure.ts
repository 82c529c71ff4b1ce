import {
  type Consent,
  consentFor,
  groupsOf,
  linkDigest,
  memberById,
  type Role,
  type Roster,
  type RosterLink,
  rosterFault,
  rosterWith,
} from '@halligan/statement';
import { openEmergencies } from '../emergency/register.ts';
import { isOpen, isTouched } from '../emergency/state.ts';
import { participants } from '../emergency/taking-part.ts';
import { obligations } from '../obligations.ts';
import { type Refusal, refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { openingSets } from './opening-sets.ts';
import { pathsOf, thresholdOf } from './policy.ts';
import { pathForOne, rosterContext } from './roster.ts';

/** What follows when somebody is taken off the roster: for people to read before they sign. */
export interface Departure {
  readonly person: string;
  readonly roles: readonly Role[];
  /** Groups that lose a member: the most that any path asks of it, and the members that are left. */
  readonly groups: readonly {
    readonly name: string;
    readonly need: number;
    readonly left: readonly string[];
  }[];
  /** Paths of the policy that could be opened, and could not any more once all is sealed anew. */
  readonly lost: readonly { readonly tier: string; readonly path: string }[];
  /** Accounts whose credential they hold a share of: each is rotated. */
  readonly rotate: readonly string[];
  /** Emergencies that are not closed in which they take part. */
  readonly emergencies: readonly string[];
  /** Places that they can get into. */
  readonly places: readonly string[];
  /** What names them and wants somebody else: `policy owner`, `approver of <tier>`, `owner of <system>`. */
  readonly named: readonly string[];
  /** What is due now from nobody but them. */
  readonly duties: readonly { readonly what: string; readonly about: string }[];
  /** Signatures that are missing for it to take effect at once, instead of after 48 hours. */
  readonly missing: readonly Consent[];
}

/** The link that takes somebody off. */
export function removalOf(roster: Roster, person: string): RosterLink {
  return {
    v: 'halligan/roster/v1',
    number: roster.number + 1,
    previous: roster.digest,
    change: { do: 'remove', person },
  };
}

/**
 * What follows when somebody leaves, or the refusal that the rules would answer with.
 * A quorum that becomes impossible is no refusal: somebody may have to go at once. It is said, and stays a finding.
 * @param signers who signs so far
 */
export function departureOf(
  state: State,
  person: string,
  signers: readonly string[],
  now: string,
): Departure | { readonly refusal: Refusal } {
  const { roster } = state;
  if (roster === undefined)
    return refuse('roster.genesis', 'There is no roster yet.', 'Run halligan init.');
  const link = removalOf(roster, person);
  const digest = linkDigest(link);
  const context = rosterContext(state, now);
  const member = memberById(roster, person);
  if (member === undefined)
    return refuse(
      'roster.unknown-person',
      `Nobody in the roster is “${person}”.`,
      'See who is: halligan person list.',
    );
  const without = rosterWith(roster, link, digest);
  const fault = rosterFault(without);
  if (fault !== undefined) return refuse(fault.code, fault.why, fault.hint);
  const alone = pathForOne(state, without);
  if (alone !== undefined) return alone;
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  return {
    person,
    roles: member.roles,
    groups: groupsOf(roster, person).map((name) => ({
      name,
      need: thresholdOf(policy, name),
      left: without.groups[name] ?? [],
    })),
    lost: Object.keys(policy?.quorums ?? {}).flatMap((tier) =>
      (policy === undefined ? [] : pathsOf(policy, tier))
        .filter(
          (path) => openingSets(path, roster).length > 0 && openingSets(path, without).length === 0,
        )
        .map((path) => ({ tier, path: path.name })),
    ),
    rotate: Object.values(state.accounts)
      .filter(({ versions, current }) =>
        versions[current]?.header.paths.some(({ groups }) =>
          groups.some(({ holders }) => holders.includes(person)),
        ),
      )
      .map(({ document }) => document.id),
    emergencies: openEmergencies(state)
      .filter((one) => (isOpen(one) || isTouched(one)) && one.closed === undefined)
      .filter((one) => participants(one).includes(person))
      .map(({ id }) => id),
    places: Object.values(state.places)
      .filter(({ document }) => document.retired !== true && document.access.includes(person))
      .map(({ document }) => document.id),
    named: namedIn(state, person),
    duties: obligations(state, now)
      .filter(({ owners }) => owners.length === 1 && owners[0] === person)
      .map(({ what, about }) => ({ what, about })),
    missing: consentFor(
      roster,
      link.change,
      [...new Set([...signedBefore(roster, digest), ...signers])],
      context.thresholdOf,
    ).filter(({ need, have }) => have < need),
  };
}

function signedBefore(roster: Roster, digest: string): readonly string[] {
  return roster.pending.find((one) => one.digest === digest)?.signers ?? [];
}

function namedIn(state: State, person: string): readonly string[] {
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  return [
    ...(policy?.owner === person ? ['policy owner'] : []),
    ...Object.entries(policy?.approvers ?? {})
      .filter(([, people]) => people.includes(person))
      .map(([list]) => (list === 'deputies' ? 'deputy' : `approver of ${list}`)),
    ...Object.values(state.systems)
      .filter(({ owner }) => owner === person)
      .map(({ id }) => `owner of ${id}`),
  ];
}
