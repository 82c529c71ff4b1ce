import { personsWithRole } from '@halligan/statement';
import { type Account, pathsOf, ROTATOR, type StoredInput } from '../index.ts';
import { memberOf, type Organisation } from './practice-organisation.fixture.ts';

/**
 * What the finding on a quorum’s margin asks for: a group that is short of holders gets others, since nothing can be
 * sealed along a path that nobody could open. Signed by everybody whose consent it may need.
 * @returns nothing where every group of the account’s paths is large enough, or a change of it waits
 */
export function mendedGroups(
  org: Organisation,
  account: Account,
): readonly (() => Promise<StoredInput>)[] {
  const { roster, policies, policy } = org.state;
  const known = policies[policy ?? ''];
  if (roster === undefined || known === undefined) return [];
  const short = pathsOf(known, account.document.quorum)
    .flatMap(({ groups }) => groups)
    .find(({ name, need }) => (roster.groups[name] ?? []).length < need);
  if (short === undefined) return [];
  const { name } = short;
  // With fewer holders left than must consent, it waits for its delay.
  const waits = roster.pending.some(
    ({ link: { change } }) => change.do === 'group' && change.name === name,
  );
  if (waits) return [];
  const before = roster.groups[name] ?? [];
  const admins = personsWithRole(roster, 'admin').map(({ id }) => id);
  const wanted = name === 'server' ? 'program' : 'person';
  const others = roster.members
    .filter(({ id, kind }) => kind === wanted && id !== ROTATOR && !before.includes(id))
    .map(({ id }) => id);
  if (others.length === 0)
    return [
      async () =>
        org.rosterChange(
          { do: 'admit', member: await memberOf(`${wanted}-${roster.number}`, [], wanted) },
          admins,
        ),
    ];
  const people = before.filter((one) =>
    roster.members.some(({ id, kind }) => id === one && kind === 'person'),
  );
  const signers = [...new Set([...admins, ...people])];
  return others.map(
    (one) => () => org.rosterChange({ do: 'group', name, members: [...before, one] }, signers),
  );
}
