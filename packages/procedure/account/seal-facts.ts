import { HalliganError } from '@halligan/format';
import { pathsOf } from '../organisation/policy.ts';
import type { State } from '../state.ts';
import type { Account } from './state.ts';

/**
 * What a new seal is made of, from the record alone: the server cannot slip in a recipient of its own. Wherever a seal is
 * made, by the rotator or on a person's device, it is made of these. @throws `server.no-policy`
 */
export function sealFacts(state: State, account: Account) {
  const { roster, policy: digest } = state;
  const policy = digest === undefined ? undefined : state.policies[digest];
  if (roster === undefined || digest === undefined || policy === undefined) {
    throw new HalliganError(
      'server.no-policy',
      'The record holds no policy.',
      'Two admins adopt one: halligan policy adopt.',
    );
  }
  const paths = pathsOf(policy, account.document.quorum).map(({ name, groups }) => ({
    name,
    groups: groups.map((group) => ({ ...group, holders: [...(roster.groups[group.name] ?? [])] })),
  }));
  return {
    organisation: roster.organisation,
    account: account.document.id,
    policy: digest,
    roster: roster.digest,
    paths,
    recipients: new Map(roster.members.map((member) => [member.id, member.recipient])),
    kind: roster.recipients,
  };
}
