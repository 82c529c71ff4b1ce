import { digestOf, HalliganError, type Json } from '@halligan/format';
import {
  holdersOf,
  pendingAfter,
  type Roster,
  type RosterContext,
  rosterAfter,
  rosterWith,
  signersOf,
  type VerifiedLink,
  type VerifiedStatement,
} from '@halligan/statement';
import { type EventBody, happened } from '../events.ts';
import type { Decision, Input } from '../input.ts';
import { canBeMet, isPerson, oneCanOpen } from '../quorum.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import {
  governanceOf,
  type Policy,
  pathsOf,
  policyDigest,
  policyOf,
  thresholdOf,
} from './policy.ts';

/** A link of the roster chain, signed by whom the roster before it asks for. */
export function decideRoster(
  state: State,
  input: Extract<Input, { readonly type: 'statements' }>,
  now: string,
): Decision {
  const { statements, link } = input;
  if (link === undefined)
    return refuse(
      'roster.link',
      'The change itself is missing.',
      'Send the link with its signatures.',
    );
  if (
    statements.some(
      (said) => said.statement.kind !== 'roster.change' || said.statement.subject !== link.digest,
    )
  ) {
    return refuse('roster.link', 'A signature is for another change.', 'Sign this one.');
  }
  const { roster } = state;
  if (roster === undefined) return decideGenesis(link, statements);
  const outcome = rosterAfter(
    roster,
    link,
    signersOf(roster, link.digest, statements),
    rosterContext(state, now),
  );
  const alone =
    outcome.result === 'refused'
      ? undefined
      : pathForOne(state, rosterWith(roster, link.link, link.digest));
  if (alone !== undefined) return alone;
  switch (outcome.result) {
    case 'refused':
      return refuse(outcome.code, outcome.why, outcome.hint);
    case 'applied':
      return { events: [happened('RosterChanged', { digest: link.digest, link: link.link })] };
    case 'pending': {
      const signers =
        outcome.roster.pending.find((one) => one.digest === link.digest)?.signers ?? [];
      return {
        events: [
          happened('RosterChangeProposed', {
            digest: link.digest,
            link: link.link,
            signers,
            effective: outcome.effective,
          }),
        ],
      };
    }
  }
}

function decideGenesis(
  { link, digest }: VerifiedLink,
  statements: readonly VerifiedStatement[],
): Decision {
  const { change } = link;
  if (change.do !== 'genesis')
    return refuse(
      'roster.order',
      'The first link of a roster is its genesis.',
      'Run halligan init.',
    );
  const admins = change.members
    .filter((member) => member.roles.includes('admin'))
    .map((member) => member.id);
  if (new Set(statements.map((said) => said.by).filter((by) => admins.includes(by))).size < 2) {
    return refuse(
      'roster.admin',
      'Two admins sign the genesis.',
      'Ask another admin to sign.',
      admins,
    );
  }
  return { events: [happened('RosterChanged', { digest, link })] };
}

/** Changes whose delay has passed take effect by the clock; one at a time, because each cancels the others. */
export function matureRoster(state: State, now: string): readonly EventBody[] {
  const { roster } = state;
  for (const { digest, link } of roster?.pending ?? []) {
    if (
      roster !== undefined &&
      pathForOne(state, rosterWith(roster, link, digest)) === undefined &&
      pendingAfter(roster, digest, rosterContext(state, now)).result === 'applied'
    ) {
      return [happened('RosterChanged', { digest, link })];
    }
  }
  return [];
}

function rosterContext(state: State, now: string): RosterContext {
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  return {
    now,
    firstSeen: (digest) => state.proposedAt[digest],
    thresholdOf: (group) => thresholdOf(policy, group),
  };
}

/** Whether a change of the roster would let one person open a path alone that nobody could before. */
function pathForOne(state: State, after: Roster): { readonly refusal: Refusal } | undefined {
  const { roster } = state;
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  if (roster === undefined || policy === undefined || policy.allow_one_person) return undefined;
  for (const tier of Object.keys(policy.quorums))
    for (const path of pathsOf(policy, tier))
      if (oneCanOpen(path, after) && !oneCanOpen(path, roster)) return onePerson(tier, path.name);
  return undefined;
}

function onePerson(tier: string, path: string): { readonly refusal: Refusal } {
  return refuse(
    'procedure.one-person',
    `One person could open the path ${tier}.${path}.`,
    'Ask for two people, or set allow_one_person: true and live with a permanent critical finding.',
  );
}

/** Two admins adopt a policy. It must open every path to no fewer than two people, unless it says so itself. */
export function decidePolicy(
  state: State,
  statements: readonly VerifiedStatement[],
  document: Json | undefined,
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
  if (
    new Set(statements.map((said) => said.by).filter((person) => admins.includes(person))).size < 2
  ) {
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
  return {
    events: [
      happened('PolicyAdopted', {
        digest,
        policy,
        statements: statements.map((said) => said.digest),
      }),
    ],
  };
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
