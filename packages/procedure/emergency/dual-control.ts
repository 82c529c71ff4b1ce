import { personsWithRole } from '@halligan/statement';
import type { SealHeader } from '../account/events.ts';
import type { Version } from '../account/state.ts';
import { type Policy, pathsOf, SERVER_GROUP } from '../organisation/policy.ts';
import { isPerson } from '../quorum.ts';
import { entryOf, type State } from '../state.ts';
import type { Emergency } from './state.ts';
import { decidersOf, executivesOf, hasConfirmed } from './taking-part.ts';

/** The path by which one person opens with an executive, if an organisation adds it. */
export const SOLO_PATH = 'solo';

/** Whether a tier lets one person go without a second one. */
export function admitsSolo(policy: Policy, tier: string): boolean {
  return pathsOf(policy, tier).some((path) => path.name === SOLO_PATH);
}

/** Executives who hold a share of a seal's solo path and are apart from `people`. */
export function soloExecutives(
  state: State,
  version: Version | undefined,
  people: readonly (string | undefined)[],
): readonly string[] {
  if (state.roster === undefined || version === undefined) return [];
  return personsWithRole(state.roster, 'executive')
    .map(({ id }) => id)
    .filter(
      (id) =>
        !people.includes(id) &&
        version.header.shares.some((share) => share.path === SOLO_PATH && share.holder === id),
    );
}

/**
 * Whether an executive's share of a path is the approval: a path that does without the server, whose executives form a
 * group of their own. Without the server nobody else could be asked.
 */
export function isApprovalByShare(
  state: State,
  header: SealHeader,
  pathName: string,
  group: string,
): boolean {
  const path = header.paths.find((one) => one.name === pathName);
  const named = path?.groups.find((one) => one.name === group);
  if (path === undefined || named === undefined) return false;
  const executives =
    state.roster === undefined
      ? []
      : personsWithRole(state.roster, 'executive').map(({ id }) => id);
  return (
    path.groups.length > 1 &&
    path.groups.every((one) => one.name !== SERVER_GROUP) &&
    named.holders.every((holder) => executives.includes(holder))
  );
}

/** Whether a path asks for such a share. */
export function hasApprovalByShare(state: State, header: SealHeader, path: string): boolean {
  const groups = header.paths.find((one) => one.name === path)?.groups ?? [];
  return groups.some(({ name }) => isApprovalByShare(state, header, path, name));
}

/** What an emergency still lacks before a share may leave its holder. */
export interface Missing {
  readonly what:
    | 'tabletop'
    | 'not-approved'
    | 'no-second-person'
    | 'no-executive'
    | 'silent-solo'
    | 'no-witness';
  readonly why: string;
  readonly next: string;
  readonly eligible: readonly string[];
}

/**
 * What is missing: asked when an opening is requested, and again by each holder's device when a share is to go, because
 * people may have left in between.
 */
export function missingControl(
  state: State,
  emergency: Emergency,
  policy: Policy,
  version: Version | undefined,
  approval: 'needed' | 'by the share' = 'needed',
): Missing | undefined {
  if (emergency.scenario?.form === 'tabletop')
    return {
      what: 'tabletop',
      why: 'A tabletop reveals nothing.',
      next: 'Talk it through, note it, end it; convert it should it become real.',
      eligible: [],
    };
  if (emergency.approval === undefined && approval === 'needed')
    return {
      what: 'not-approved',
      why: 'Nobody has approved this yet.',
      next: `Call ${emergency.approver}${emergency.second === undefined ? '' : `; after ${policy.timers.approver_wait} of silence there is the exception`}.`,
      eligible: decidersOf(state, emergency),
    };
  return (
    missingCompany(state, emergency, version) ?? missingWitness(state, emergency, policy, version)
  );
}

function missingCompany(
  state: State,
  emergency: Emergency,
  version: Version | undefined,
): Missing | undefined {
  const { second, requester, witness, approval } = emergency;
  if (second !== undefined) {
    if (entryOf(emergency.parts, second)?.role === 'second' && isPerson(state.roster, second))
      return undefined;
    const left = !isPerson(state.roster, second);
    return {
      what: 'no-second-person',
      why: left ? `${second} has left.` : 'The second person has not confirmed yet.',
      next: left
        ? 'Another custodian takes part in their place.'
        : `Ask ${second} to take part: halligan emergency take-part.`,
      eligible: left ? [] : [second],
    };
  }
  if (approval?.method === 'silence exception')
    return {
      what: 'silent-solo',
      why: 'Nobody answered, and nobody is beside you: the two never go together.',
      next: 'Abort it, and declare with a second person.',
      eligible: [],
    };
  if (executivesOf(emergency).some((one) => isPerson(state.roster, one))) return undefined;
  const eligible = soloExecutives(state, version, [requester, witness, approval?.by]);
  return {
    what: 'no-executive',
    why: 'No executive has signed yet.',
    next: 'Without a second person an executive signs first: halligan emergency take-part --role executive.',
    eligible,
  };
}

function missingWitness(
  state: State,
  emergency: Emergency,
  policy: Policy,
  version: Version | undefined,
): Missing | undefined {
  const { witness } = emergency;
  if (policy.witness !== 'required') return undefined;
  if (witness !== undefined && hasConfirmed(state, emergency, witness)) return undefined;
  const left = witness !== undefined && !isPerson(state.roster, witness);
  return {
    what: 'no-witness',
    why: left ? `${witness} has left.` : 'The witness has not confirmed yet.',
    next: left
      ? 'Somebody else who holds no share of this seal takes part in their place.'
      : 'Ask the witness to take part: halligan emergency take-part --role witness.',
    eligible: left
      ? possibleWitnesses(state, emergency, version)
      : witness === undefined
        ? []
        : [witness],
  };
}

/** People who could watch: they hold no share of the seal, do not take part, and did not decide. */
export function possibleWitnesses(
  state: State,
  emergency: Emergency,
  version: Version | undefined,
): readonly string[] {
  const apart = [
    emergency.requester,
    emergency.second,
    emergency.approver,
    emergency.approval?.by,
    ...executivesOf(emergency),
  ];
  return (state.roster?.members ?? [])
    .filter(({ id, kind }) => kind === 'person' && !apart.includes(id))
    .map(({ id }) => id)
    .filter((id) => !holdsShare(version, id));
}

/** Whether somebody holds a share of a seal. */
export function holdsShare(version: Version | undefined, person: string): boolean {
  return version?.header.shares.some((share) => share.holder === person) === true;
}
