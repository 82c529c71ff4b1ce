import { canonicalBytes, digestOf, type Json } from '@halligan/format';
import { type Access, policyDigest, policyOf } from '@halligan/procedure';
import {
  linkDigest,
  type Member,
  type Role,
  type RosterChange,
  type RosterLink,
  signRecipient,
  subjectOf,
} from '@halligan/statement';
import type { CosignerPolicy } from './index.ts';
import {
  bytesOf,
  evidenceKeys,
  keyOf,
  logKeys,
  MemoryRecord,
  ORIGIN,
  said,
  saw,
} from './memory-record.fixture.ts';

/** Contoso's first hour with Halligan, and the emergency of the seed procedure's own example. */

export const ACCOUNT = 'bg-admin-1';
const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

export async function member(
  id: string,
  roles: readonly Role[],
  kind: Member['kind'] = 'person',
): Promise<Member> {
  const key = await keyOf(id);
  const recipient = `age1${[...bytesOf(id), ...bytesOf(id)]
    .slice(0, 58)
    .map((byte) => BECH32[byte % 32])
    .join('')}`;
  return {
    id,
    kind,
    signing: [key.publicKey],
    recipient,
    recipientSignature: await signRecipient(id, recipient, key),
    roles,
  };
}

/** Contoso's policy. @param cosigners who watches its log @param changes what else it says */
const policyWith = (cosigners: CosignerPolicy, changes: object) =>
  policyOf({
    organisation: 'contoso',
    owner: 'dana',
    approvers: { admin: ['dana'] },
    recipients: 'x25519',
    quorums: { admin: { standard: ['2 of keyholders'] } },
    cosigners: { need: cosigners.need, of: [...cosigners.of] },
    ...changes,
  });

/** Roster, policy, one system, one account, sealed and armed: eight entries. */
export async function contoso(
  cosigners: CosignerPolicy = { need: 0, of: [] },
  changes: object = {},
  others: readonly Member[] = [],
): Promise<MemoryRecord> {
  const record = new MemoryRecord();
  const policy = policyWith(cosigners, changes);
  await changeRoster(record, {
    do: 'genesis',
    organisation: 'contoso',
    origin: ORIGIN,
    logKey: logKeys.verifier,
    evidenceKey: evidenceKeys.verifier,
    recipients: 'x25519',
    members: [
      await member('ana', ['custodian']),
      await member('ben', ['custodian']),
      await member('dana', ['admin', 'approver']),
      await member('raj', ['admin', 'security']),
      await member('rotator', [], 'program'),
      ...others,
    ],
  });
  await changeRoster(record, { do: 'group', name: 'keyholders', members: ['ana', 'ben'] });
  const executives = others.filter(({ roles }) => roles.includes('executive')).map(({ id }) => id);
  if (executives.length > 0)
    await changeRoster(record, { do: 'group', name: 'executives', members: executives });
  const adopted = await Promise.all(
    ['dana', 'raj'].map((by) => record.sign('policy.adopt', by, policyDigest(policy))),
  );
  await record.submit(said(adopted, { ...policy }));
  await addSystem(record, 'directory');
  await addAccount(record, ACCOUNT);
  await rotate(record, ACCOUNT, 1, 'none');
  return record;
}

export async function changeRoster(
  record: MemoryRecord,
  change: RosterChange,
  signers: readonly string[] = ['dana', 'raj'],
): Promise<void> {
  const { roster } = record.state;
  const link: RosterLink = {
    v: 'halligan/roster/v1',
    number: roster === undefined ? 0 : roster.number + 1,
    previous: roster?.digest ?? null,
    change,
  };
  const signed = await Promise.all(
    signers.map((by) => record.sign('roster.change', by, linkDigest(link))),
  );
  await record.submit(said(signed, { ...link }));
}

async function addSystem(record: MemoryRecord, id: string): Promise<void> {
  const document = {
    v: 'halligan/inventory/v1',
    add: 'system',
    id,
    purpose: 'where everybody signs in',
    address: 'https://login.contoso.example',
    owner: 'raj',
  };
  const fields = { what: 'inventory', digest: digestOf(document) };
  await record.say('attest', 'raj', subjectOf('system', id), fields, { document });
}

export async function addAccount(record: MemoryRecord, id: string): Promise<void> {
  const document = {
    v: 'halligan/inventory/v1',
    add: 'account',
    id,
    system: 'directory',
    name: `${id}@contoso.example`,
    privilege: 'Global Administrator',
    justification: 'The last way in.',
    quorum: 'admin',
  };
  const fields = { what: 'inventory', digest: digestOf(document) };
  await record.say('attest', 'raj', subjectOf('account', id), fields, { document });
}

/** A seal's header, and seal.json's bytes under its digest; nobody opens it here. */
export function sealOf(record: MemoryRecord, account: string, version: number): Json {
  const holders = ['ana', 'ben'];
  const id = `${account} ${version}`;
  const executives = record.state.roster?.groups.executives ?? [];
  const paths = [
    ...(executives.length === 0
      ? []
      : [
          {
            name: 'solo',
            groups: [
              { name: 'keyholders', need: 1, holders },
              { name: 'executives', need: 1, holders: [...executives] },
            ],
          },
        ]),
    { name: 'standard', groups: [{ name: 'keyholders', need: 2, holders }] },
  ];
  return {
    v: 'halligan/seal/v1',
    id: bytesOf(`seal ${id}`, 16).toHex(),
    organisation: 'contoso',
    account,
    version,
    created: record.now,
    policy: record.state.policy,
    roster: record.state.roster?.digest,
    recipient: 'age1qqqqqq',
    paths,
    shares: paths.flatMap((path) =>
      path.groups.flatMap((group) =>
        group.holders.map((holder) => ({
          path: path.name,
          group: group.name,
          holder,
          commitment: bytesOf(`share ${id} ${holder}`).toHex(),
        })),
      ),
    ),
    digests: {},
  };
}

/** Sealed, kitted, set and proven: what the rotator does. */
export async function rotate(
  record: MemoryRecord,
  account: string,
  version: number,
  old: 'rejected' | 'none',
  access?: Access,
): Promise<void> {
  const header = sealOf(record, account, version);
  const digest = digestOf(header);
  if (account === ACCOUNT) record.seals.set(version, canonicalBytes(header));
  await record.submit(saw({ saw: 'sealed', account, version, digest, header }));
  const places = [
    { name: 'safe', offServer: true },
    { name: 'disk', offServer: false },
  ];
  await record.submit(saw({ saw: 'kitted', account, version, kit: digestOf(places), places }));
  const document = {
    v: 'halligan/rotation/v1',
    account,
    version,
    seal: digest,
    fresh: 'accepted',
    old,
    ...(access === undefined ? {} : { access: { ...access } as unknown as Json }),
  };
  const fields = { what: 'reset', digest: digestOf(document) };
  await record.say('attest', 'rotator', subjectOf('account', account), fields, { document });
}
