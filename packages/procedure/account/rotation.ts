import { digestOf, type Json } from '@halligan/format';
import { holdersOf, subjectOf } from '@halligan/statement';
import { z } from 'zod';
import { isProgram, ROTATOR } from '../emergency/opening.ts';
import { emergencyById } from '../emergency/register.ts';
import { isOpen } from '../emergency/state.ts';
import { type EventBody, happened } from '../events.ts';
import type { Decision, Observation, Said } from '../input.ts';
import { pathsOf } from '../organisation/policy.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { entryOf, type State, userOf } from '../state.ts';
import { accessSchema } from './access.ts';
import type { AccountEvents, ByHand, KitPlace, SealHeader } from './events.ts';
import { type Account, lastVersion } from './state.ts';

/**
 * Rotation, in the one order that cannot lose an account: sealed → journaled → kitted → set → new one proven → old one
 * proven dead → old version retired. Sealing and kits are observations; what the system accepts, the rotator signs.
 */
export function decideRotation(
  state: State,
  observation: Extract<Observation, { readonly saw: 'sealed' | 'kitted' | 'rotation-failed' }>,
): Decision {
  const account = entryOf(state.accounts, observation.account);
  if (account === undefined)
    return refuse(
      'rotation.account',
      `There is no account “${observation.account}”.`,
      'Add it to the inventory.',
    );
  switch (observation.saw) {
    case 'sealed':
      return decideSealed(state, account, observation);
    case 'kitted':
      return decideKitted(state, account, observation.version, observation.kit, observation.places);
    case 'rotation-failed':
      return decideFailed(account, observation.version, observation.code);
  }
}

/** A version as it was sealed, by the rotator or on a person's device. */
export interface SealedVersion {
  readonly version: number;
  readonly digest: string;
  readonly header: SealHeader;
}

/** A seal is taken in where it is the account's next version, along the policy's paths, to the roster's holders. */
export function decideSealed(
  state: State,
  account: Account,
  { version, digest, header }: SealedVersion,
  byHand?: ByHand,
): Decision {
  const inUse = whileUsed(state, account);
  if (inUse !== undefined) return inUse;
  const last = lastVersion(account);
  if (version !== last + 1)
    return refuse('rotation.version', `Version ${last + 1} comes next.`, 'Seal that one.');
  const before = account.versions[last];
  if (before !== undefined && before.proven === undefined && before.failed === undefined)
    return refuse(
      'rotation.under-way',
      `Version ${last} is being rotated.`,
      'Finish it, or report that it failed.',
    );
  const policy = state.policy === undefined ? undefined : state.policies[state.policy];
  if (
    policy === undefined ||
    header.policy !== state.policy ||
    header.roster !== state.roster?.digest
  ) {
    return refuse(
      'rotation.stale',
      'The seal was made under another policy or roster.',
      'Seal again.',
    );
  }
  if (
    header.organisation !== state.roster.organisation ||
    header.account !== account.document.id ||
    header.version !== version
  ) {
    return refuse('rotation.seal', 'The seal is of another account or version.', 'Seal again.');
  }
  const wanted = pathsOf(policy, account.document.quorum);
  const sealed = header.paths.map((path) => ({
    name: path.name,
    groups: path.groups.map(({ name, need }) => ({ name, need })),
  }));
  if (
    digestOf(sealed) !==
    digestOf(
      wanted.map((path) => ({
        name: path.name,
        groups: path.groups.map((group) => ({ ...group })),
      })),
    )
  ) {
    return refuse('rotation.paths', 'The seal’s paths are not the policy’s.', 'Seal again.');
  }
  const { roster } = state;
  const strangers = header.paths.flatMap((path) =>
    path.groups.filter(
      (group) =>
        holdersOf(roster, group.name)
          .map((member) => member.id)
          .sort()
          .join() !== [...group.holders].sort().join(),
    ),
  );
  if (strangers[0] !== undefined)
    return refuse(
      'rotation.holders',
      `The holders of “${strangers[0].name}” are not the roster’s.`,
      'Seal again.',
    );
  const due = header.paths.flatMap(({ name: path, groups }) =>
    groups.flatMap(({ name: group, holders }) =>
      holders.map((holder) => `${path}/${group}/${holder}`),
    ),
  );
  const made = header.shares.map(({ path, group, holder }) => `${path}/${group}/${holder}`);
  if (due.sort().join() !== made.sort().join())
    return refuse(
      'rotation.shares',
      'The seal’s shares are not one for each holder of its paths.',
      'Seal again.',
    );
  return {
    events: [
      happened('CredentialSealed', {
        account: account.document.id,
        version,
        digest,
        header,
        ...(byHand === undefined ? {} : { byHand }),
      }),
    ],
  };
}

/** A version may be set only once its kit is in two places, one of them off the server. */
function decideKitted(
  state: State,
  account: Account,
  version: number,
  kit: string,
  places: readonly KitPlace[],
): Decision {
  const kitted = account.versions[version];
  if (kitted === undefined || kitted.retired || kitted.failed !== undefined)
    return refuse(
      'rotation.version',
      `There is no version ${version} to keep in a kit.`,
      'Seal it first.',
    );
  // From the kit on the version is set: not while people use the one before.
  const inUse = kitted.proven === undefined ? whileUsed(state, account) : undefined;
  if (inUse !== undefined) return inUse;
  if (
    new Set(places.map((place) => place.name)).size < 2 ||
    !places.some((place) => place.offServer)
  ) {
    return refuse(
      'rotation.places',
      'The kit is not in two places, one of them off the server.',
      'Configure two places: halligan init --kit-place.',
    );
  }
  return {
    events: [happened('CredentialKitted', { account: account.document.id, version, kit, places })],
  };
}

/** A failed rotation leaves the account exposed: which of the versions opens it is then not proven. */
export function decideFailed(account: Account, version: number, code: string): Decision {
  const failed = account.versions[version];
  if (failed === undefined || failed.proven !== undefined || failed.failed !== undefined) {
    return refuse(
      'rotation.version',
      `Version ${version} is not being rotated.`,
      'See halligan account show.',
    );
  }
  const events: EventBody[] = [
    happened('RotationFailed', { account: account.document.id, version, code }),
  ];
  if (failed.kit !== undefined && account.state !== 'exposed') {
    events.push(
      happened('AccountExposed', {
        account: account.document.id,
        versions: account.current === 0 ? [version] : [account.current, version],
      }),
    );
  }
  return { events };
}

/** A credential is not changed under the hands of those who use it. What was begun is taken up again afterwards. */
export function whileUsed(
  state: State,
  account: Account,
): { readonly refusal: Refusal } | undefined {
  const user = userOf(state, account.document.id);
  return user === undefined
    ? undefined
    : refuse(
        'rotation.in-use',
        `“${account.document.id}” is in use by the emergency ${user.id.slice(0, 12)}.`,
        'Rotate when that has ended.',
        [user.requester],
      );
}

const result = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/rotation/v1'),
    account: z.string(),
    version: z.int().min(1),
    seal: z.string(),
    fresh: z.literal('accepted'),
    old: z.enum(['rejected', 'accepted', 'unknown', 'none']),
    access: accessSchema.optional(),
  }),
);

/** The rotator signs what the system answered: the new credential was accepted, the old one rejected. */
export function decideReset(
  state: State,
  said: Said<'attest'>,
  document: Json | undefined,
): Decision {
  const parsed = result.safeParse(document);
  if (!parsed.success || document === undefined || digestOf(document) !== said.statement.digest) {
    return refuse('rotation.result', 'The result does not fit what was signed.', 'Rotate again.');
  }
  const { account: id, version: number, seal, old, access } = parsed.data;
  const account = entryOf(state.accounts, id);
  const version = account?.versions[number];
  if (said.by !== ROTATOR || !isProgram(state, said.by)) {
    return refuse(
      'rotation.rotator',
      'Only the rotator signs for a rotation.',
      'By hand, two people do: halligan account rotate-by-hand.',
    );
  }
  if (
    account === undefined ||
    version === undefined ||
    said.statement.subject !== subjectOf('account', id) ||
    version.digest !== seal
  ) {
    return refuse('rotation.version', 'There is no such sealed version.', 'Seal it first.');
  }
  if (version.kit === undefined)
    return refuse('rotation.not-kitted', 'The version is in no kit.', 'Write the kit first.');
  if (version.byHand !== undefined)
    return refuse(
      'rotation.by-hand',
      'That version was made on a person’s device: the rotator does not know it.',
      'Those two attest it: halligan account rotate-by-hand.',
    );
  if (version.proven !== undefined || number !== lastVersion(account))
    return refuse(
      'rotation.version',
      'That version is not being rotated.',
      'See halligan account show.',
    );
  const inUse = whileUsed(state, account);
  if (inUse !== undefined) return inUse;
  const proof = { account: id, version: number, old };
  return settled(state, account, { ...proof, ...(access === undefined ? {} : { access }) });
}

/** What follows once the system accepts a version: the older ones are retired, unless one of them still lives. */
export function settled(
  state: State,
  account: Account,
  proof: AccountEvents['CredentialProven'],
): Decision {
  const { account: id, version: number, old } = proof;
  const events: EventBody[] = [happened('CredentialProven', proof)];
  if (old === 'accepted') {
    const versions = [account.current, number].filter((one) => one > 0);
    events.push(happened('AccountExposed', { account: id, versions }));
    return { events };
  }
  for (const [retired, one] of Object.entries(account.versions)) {
    if (Number(retired) < number && !one.retired)
      events.push(happened('VersionRetired', { account: id, version: Number(retired) }));
  }
  const emergency =
    account.emergency === undefined ? undefined : emergencyById(state, account.emergency);
  if (emergency !== undefined && isOpen(emergency)) {
    events.push(happened('EmergencyReset', { emergency: emergency.id, version: number }));
  } else {
    events.push(happened('AccountArmed', { account: id, version: number }));
  }
  return { events };
}
