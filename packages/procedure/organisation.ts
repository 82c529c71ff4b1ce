import { digestOf, type Json } from '@halligan/format';
import {
  memberById,
  pendingAfter,
  type RosterContext,
  rosterAfter,
  signersOf,
  subjectOf,
  type VerifiedLink,
  type VerifiedStatement,
} from '@halligan/statement';
import { type EventBody, happened } from './events.ts';
import type { Decision, Input, Said } from './input.ts';
import { inventoryOf } from './inventory.ts';
import { pathsOf, policyDigest, policyOf, thresholdOf } from './policy.ts';
import { isPerson, oneCanOpen } from './quorum.ts';
import { refuse } from './refusal.ts';
import type { State } from './state.ts';

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
  const policy = policyOf(document);
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
  for (const tier of Object.keys(policy.quorums)) {
    for (const path of pathsOf(policy, tier)) {
      const short = path.groups.find(
        (group) => (roster.groups[group.name]?.length ?? 0) < group.need,
      );
      if (short !== undefined)
        return refuse(
          'policy.group',
          `The group “${short.name}” has too few members for ${tier}.${path.name}.`,
          'Fill the group first: halligan person group.',
        );
      if (oneCanOpen(path, roster) && !policy.allow_one_person) {
        return refuse(
          'procedure.one-person',
          `One person could open the path ${tier}.${path.name}.`,
          'Ask for two people, or set allow_one_person: true and live with a permanent critical finding.',
        );
      }
    }
  }
  const named = [policy.owner, ...Object.values(policy.approvers).flat()];
  const stranger = named.find((person) => !isPerson(roster, person));
  if (stranger !== undefined)
    return refuse(
      'policy.person',
      `“${stranger}” is not on the roster.`,
      'Admit them first, or name somebody else.',
    );
  return { events: [happened('PolicyAdopted', { digest, policy })] };
}

/** An admin adds a system or an account. */
export function decideInventory(
  state: State,
  said: Said<'attest'>,
  document: Json | undefined,
): Decision {
  if (
    state.roster === undefined ||
    memberById(state.roster, said.by)?.roles.includes('admin') !== true
  ) {
    return refuse(
      'inventory.admin',
      'An admin keeps the inventory.',
      'Ask an admin.',
      (state.roster?.members ?? [])
        .filter((one) => one.roles.includes('admin'))
        .map((one) => one.id),
    );
  }
  if (document === undefined || digestOf(document) !== said.statement.digest)
    return refuse(
      'inventory.document',
      'The entry does not fit what was signed.',
      'Sign this one.',
    );
  const entry = inventoryOf(document);
  if (entry.add === 'system') {
    if (state.systems[entry.id] !== undefined)
      return refuse(
        'inventory.exists',
        `There is a system “${entry.id}” already.`,
        'Use another id.',
      );
    if (!isPerson(state.roster, entry.owner))
      return refuse(
        'inventory.owner',
        `“${entry.owner}” is not on the roster.`,
        'Name an owner on the roster.',
      );
    return { events: [happened('SystemAdded', { system: entry })] };
  }
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  if (state.accounts[entry.id] !== undefined)
    return refuse(
      'inventory.exists',
      `There is an account “${entry.id}” already.`,
      'Use another id.',
    );
  if (state.systems[entry.system] === undefined)
    return refuse(
      'inventory.system',
      `There is no system “${entry.system}”.`,
      'Add the system first.',
    );
  if (policy === undefined || policy.quorums[entry.quorum] === undefined)
    return refuse(
      'inventory.quorum',
      `The policy has no quorum “${entry.quorum}”.`,
      'Name one of the policy.',
    );
  if (said.statement.subject !== subjectOf('account', entry.id))
    return refuse('inventory.document', 'The signature is for another account.', 'Sign this one.');
  return { events: [happened('AccountAdded', { account: entry.id, document: entry })] };
}
