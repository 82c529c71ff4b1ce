import { digestOf, type Json } from '@halligan/format';
import type { VerifiedStatement } from '@halligan/statement';
import { z } from 'zod';
import { happened } from '../events.ts';
import { type Decision, isSaid } from '../input.ts';
import { refuse } from '../refusal.ts';
import { entryOf, type State } from '../state.ts';
import { peopleOf } from './loosening.ts';
import { pathsOf } from './policy.ts';

const objection = z.strictObject({
  v: z.literal('halligan/objection/v1'),
  /** Digest of the policy or of the roster link that waits. */
  change: z.string().regex(/^[0-9a-f]{64}$/),
});

/**
 * Somebody objects to a change that waits: it is cancelled, and would have to be proposed again. One is enough, an
 * admin or a holder: what is stopped this way loosens nothing.
 */
export function decideObjection(
  state: State,
  said: VerifiedStatement,
  document: Json | undefined,
): Decision {
  const parsed = objection.safeParse(document);
  if (
    document === undefined ||
    !parsed.success ||
    !isSaid(said, 'attest') ||
    said.statement.digest !== digestOf(document) ||
    said.statement.subject !== parsed.data.change
  ) {
    return refuse(
      'objection.document',
      'This is not what was signed.',
      'Sign it again: halligan policy cancel.',
    );
  }
  const { change } = parsed.data;
  const eligible = objectorsOf(state);
  if (!eligible.includes(said.by))
    return refuse(
      'objection.person',
      'Admins and holders of shares object.',
      'Ask one of them.',
      eligible,
    );
  const waits =
    entryOf(state.standing.proposals, change) !== undefined ||
    state.roster?.pending.some(({ digest }) => digest === change) === true;
  return waits
    ? { events: [happened('ChangeCancelled', { digest: change, by: said.by })] }
    : refuse(
        'objection.not-pending',
        'No such change waits.',
        'It took effect, or was cancelled: halligan policy pending.',
      );
}

/** Who may object: admins, and everybody in a group of the policy in force. */
export function objectorsOf(state: State): readonly string[] {
  const { roster } = state;
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  if (roster === undefined) return [];
  const admins = roster.members.filter(({ roles }) => roles.includes('admin')).map(({ id }) => id);
  const groups =
    policy === undefined
      ? []
      : Object.keys(policy.quorums).flatMap((tier) =>
          pathsOf(policy, tier).flatMap((path) => path.groups.map(({ name }) => name)),
        );
  return [...new Set([...admins, ...groups.flatMap((group) => peopleOf(roster, group))])];
}
