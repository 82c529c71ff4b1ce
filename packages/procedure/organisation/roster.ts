import {
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
import { oneCanOpen } from '../quorum.ts';
import { type Refusal, refuse } from '../refusal.ts';
import type { State } from '../state.ts';
import { onePerson } from './adoption.ts';
import { pathsOf, thresholdOf } from './policy.ts';

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

/** What the roster’s rules need to know of the state. */
export function rosterContext(state: State, now: string): RosterContext {
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  return {
    now,
    firstSeen: (digest) => state.proposedAt[digest],
    thresholdOf: (group) => thresholdOf(policy, group),
  };
}

/** Whether a change of the roster would let one person open a path alone that nobody could before. */
export function pathForOne(state: State, after: Roster): { readonly refusal: Refusal } | undefined {
  const { roster } = state;
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  if (roster === undefined || policy === undefined || policy.allow_one_person) return undefined;
  for (const tier of Object.keys(policy.quorums))
    for (const path of pathsOf(policy, tier))
      if (oneCanOpen(path, after) && !oneCanOpen(path, roster)) return onePerson(tier, path.name);
  return undefined;
}
