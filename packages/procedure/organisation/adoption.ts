import { digestOf, HalliganError, type Json } from '@halligan/format';
import { holdersOf, memberById, type Roster, type VerifiedStatement } from '@halligan/statement';
import { type EventBody, happened } from '../events.ts';
import type { Decision } from '../input.ts';
import { canBeMet, isPerson, oneCanOpen } from '../quorum.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import { effectiveAt, missingConsent } from './loosening.ts';
import { governanceOf, type Policy, pathsOf, policyDigest, policyOf } from './policy.ts';

/** Most policies that wait at once: each can be objected to by anybody who may. */
const MOST_PROPOSALS = 16;

/**
 * Two admins adopt a policy. It must open every path to no fewer than two people, unless it says so itself. Where it
 * loosens a quorum, the groups consent that it loosens; without, it waits in sight of all.
 */
export function decidePolicy(
  state: State,
  statements: readonly VerifiedStatement[],
  document: Json | undefined,
  now: string,
): Decision {
  const { roster } = state;
  if (document === undefined || roster === undefined)
    return refuse(
      'policy.document',
      'The policy itself is missing.',
      'Send it with its signatures.',
    );
  const policy = readPolicy(document);
  if ('refusal' in policy) return policy;
  const digest = policyDigest(policy);
  if (
    digest !== digestOf(document) ||
    statements.some(
      (said) => said.statement.kind !== 'policy.adopt' || said.statement.subject !== digest,
    )
  ) {
    return refuse(
      'policy.document',
      'A signature is for another policy.',
      'Sign this one, with its defaults written out.',
    );
  }
  if (statements.some((said) => said.statement.policy !== (state.policy ?? null))) {
    return refuse(
      'input.policy',
      'The policy has changed since this was signed.',
      'Fetch the policy and sign again.',
    );
  }
  if (statements.some((said) => entryOf(state.adoptions, said.digest) !== undefined)) {
    return refuse(
      'policy.replayed',
      'A signature adopted this policy once before.',
      'Sign anew: what was agreed then is not agreed now.',
    );
  }
  const admins = roster.members
    .filter((member) => member.roles.includes('admin'))
    .map((member) => member.id);
  const earlier = entryOf(state.standing.proposals, digest);
  const signers = [...new Set([...(earlier?.signers ?? []), ...statements.map((said) => said.by)])];
  if (signers.filter((person) => admins.includes(person)).length < 2) {
    return refuse(
      'policy.two-admins',
      'A policy is adopted by two admins.',
      'Ask another admin to sign.',
      admins,
    );
  }
  if (policy.organisation !== roster.organisation)
    return refuse(
      'policy.organisation',
      'This policy is another organisation’s.',
      `Write organisation: ${roster.organisation}.`,
    );
  if (policy.recipients !== roster.recipients)
    return refuse(
      'policy.recipients',
      `The roster’s recipients are ${roster.recipients}.`,
      `Write recipients: ${roster.recipients}.`,
    );
  const unfit = unfitPath(policy, roster);
  if (unfit !== undefined) return unfit;
  const named = [policy.owner, governanceOf(policy), ...Object.values(policy.approvers).flat()];
  const stranger = named.find((person) => !isPerson(roster, person));
  if (stranger !== undefined)
    return refuse(
      'policy.person',
      `“${stranger}” is not on the roster.`,
      'Admit them first, or name somebody else.',
    );
  const said = [...(earlier?.statements ?? []), ...statements.map((one) => one.digest)];
  const current = state.policy === undefined ? undefined : state.policies[state.policy];
  const missing = missingConsent(current, policy, roster, signers);
  if (current === undefined || missing.length === 0)
    return { events: [happened('PolicyAdopted', { digest, policy, statements: said })] };
  if (earlier === undefined && Object.keys(state.standing.proposals).length >= MOST_PROPOSALS)
    return refuse(
      'policy.proposals-full',
      `${MOST_PROPOSALS} policies wait already.`,
      'Object to one of them: halligan policy cancel.',
    );
  const effective = effectiveAt(current, earlier?.at ?? now);
  return {
    events: [happened('PolicyProposed', { digest, policy, statements: said, signers, effective })],
  };
}

/** Policies whose delay has passed take effect by the clock, if they still fit the people; one at a time. */
export function maturePolicy(state: State, now: string): readonly EventBody[] {
  const { roster } = state;
  if (roster === undefined) return [];
  const ripe = Object.entries(state.standing.proposals).find(
    ([, { policy, effective, signers }]) =>
      Date.parse(effective) <= Date.parse(now) &&
      signers.filter((id) => memberById(roster, id)?.roles.includes('admin') === true).length >=
        2 &&
      unfitPath(policy, roster) === undefined,
  );
  if (ripe === undefined) return [];
  const [digest, { policy, statements }] = ripe;
  return [happened('PolicyAdopted', { digest, policy, statements })];
}

/** What the people of a roster make of a policy's paths: each must open to enough distinct people, none to one. */
function unfitPath(policy: Policy, roster: Roster): { readonly refusal: Refusal } | undefined {
  for (const tier of Object.keys(policy.quorums)) {
    for (const path of pathsOf(policy, tier)) {
      const groups = path.groups.map(({ name, need }) => ({
        name,
        need,
        holders: holdersOf(roster, name).map((member) => member.id),
      }));
      const short = groups.find(({ need, holders }) => holders.length < need);
      if (short !== undefined || !canBeMet(groups))
        return refuse(
          'policy.group',
          short === undefined
            ? `The groups of ${tier}.${path.name} have too few distinct members: one person counts once.`
            : `The group “${short.name}” has too few members for ${tier}.${path.name}.`,
          'Fill the group first: halligan person group.',
        );
      if (oneCanOpen(path, roster) && !policy.allow_one_person) return onePerson(tier, path.name);
    }
  }
  return undefined;
}

/** What an admin sent may be no policy at all: that is a refusal like any other. */
function readPolicy(document: Json): Policy | { readonly refusal: Refusal } {
  try {
    return policyOf(document);
  } catch (cause) {
    if (!(cause instanceof HalliganError)) throw cause;
    return refuse(cause.code, cause.message, cause.hint);
  }
}

/** That a path would open to one person. */
export function onePerson(tier: string, path: string): { readonly refusal: Refusal } {
  return refuse(
    'procedure.one-person',
    `One person could open the path ${tier}.${path}.`,
    'Ask for two people, or set allow_one_person: true and live with a permanent critical finding.',
  );
}
