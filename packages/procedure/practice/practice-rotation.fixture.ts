import { digestOf } from '@halligan/format';
import { subjectOf } from '@halligan/statement';
import {
  type KitPlace,
  lastVersion,
  pathsOf,
  ROTATOR,
  type SealHeader,
  type StoredInput,
} from '../index.ts';
import { type Organisation, plain } from './practice-organisation.fixture.ts';

/** Rotations as the server observes them and the rotator signs for them. */

export function sealOf(org: Organisation, account: string, version: number): SealHeader {
  const { state } = org;
  const policy = state.policies[state.policy ?? ''];
  const { roster } = state;
  if (policy === undefined || roster === undefined) throw new Error('nothing is founded');
  const known = Object.hasOwn(state.accounts, account) ? state.accounts[account] : undefined;
  const tier = known?.document.quorum ?? 'tier-0';
  const paths = pathsOf(policy, tier).map(({ name, groups }) => ({
    name,
    groups: groups.map((group) => ({
      ...group,
      holders: [...(roster.groups[group.name] ?? [])],
    })),
  }));
  return {
    id: digestOf([account, version]).slice(0, 32),
    organisation: 'contoso',
    account,
    version,
    policy: state.policy ?? '',
    roster: roster.digest,
    paths,
    shares: paths.flatMap((path) =>
      path.groups.flatMap((group) =>
        group.holders.map((holder) => ({
          path: path.name,
          group: group.name,
          holder,
          commitment: commitmentOf(version, path.name, group.name, holder),
        })),
      ),
    ),
  };
}

export function commitmentOf(version: number, path: string, group: string, holder: string): string {
  return digestOf([version, path, group, holder]);
}

export function sealed(
  org: Organisation,
  account: string,
  version: number,
  changes: object = {},
): StoredInput {
  const header = { ...sealOf(org, account, version), ...changes };
  return {
    type: 'observation',
    observation: { saw: 'sealed', account, version, digest: digestOf(plain(header)), header },
  };
}

export const PLACES = [
  { name: 'server', offServer: false },
  { name: 'safe', offServer: true },
] as const;

export function kitted(
  account: string,
  version: number,
  places: readonly KitPlace[] = PLACES,
): StoredInput {
  const kit = digestOf(['kit', account, version]);
  return {
    type: 'observation',
    observation: { saw: 'kitted', account, version, kit, places },
  };
}

export function failedRotation(
  account: string,
  version: number,
  code = 'systems.down',
): StoredInput {
  return { type: 'observation', observation: { saw: 'rotation-failed', account, version, code } };
}

/** What the rotator signs; `changes` to the document, `fields` to the statement. */
export async function reset(
  org: Organisation,
  account: string,
  version: number,
  changes: object = {},
  fields: Readonly<Record<string, unknown>> = {},
  by: string = ROTATOR,
): Promise<StoredInput> {
  const document = plain({
    v: 'halligan/rotation/v1',
    account,
    version,
    seal: org.state.accounts[account]?.versions[version]?.digest ?? '',
    fresh: 'accepted',
    old: version === 1 ? 'none' : 'rejected',
    ...changes,
  });
  const signed = await org.sign(by, 'attest', subjectOf('account', account), {
    what: 'reset',
    digest: digestOf(document),
    ...fields,
  });
  return { type: 'statements', signed: [signed], document };
}

/** One whole rotation. @returns the types of the last step's events */
export async function rotate(org: Organisation, account: string): Promise<readonly string[]> {
  const known = org.state.accounts[account];
  const version = (known === undefined ? 0 : lastVersion(known)) + 1;
  await org.done(sealed(org, account, version));
  await org.done(kitted(account, version));
  return org.done(await reset(org, account, version));
}
