import { digestOf, type Json } from '@halligan/format';
import { type SignedStatement, statementDigest, subjectOf } from '@halligan/statement';
import {
  type Emergency,
  type HalliganEvent,
  lastVersion,
  pathsOf,
  REVIEW_POINTS,
  ROTATOR,
  recordOf,
  type SealHeader,
  type StoredInput,
} from './index.ts';
import {
  ACCOUNT,
  found,
  type Organisation,
  plain,
  recipientOf,
  SPARE,
  SYSTEM,
  textOf,
} from './practice-organisation.fixture.ts';

/** The steps of one emergency as the people and programs of the practice organisation take them. */

export const REQUESTER = 'ana';
export const SECOND = 'ben';
export const APPROVER = 'dana';
export const WITNESS = 'wanda';

/** A joint decision or a single one, with what its digest names. */
export function said(
  signed: SignedStatement | readonly SignedStatement[],
  document?: Json,
): StoredInput {
  const list = 'statement' in signed ? [signed] : signed;
  return { type: 'statements', signed: list, ...(document === undefined ? {} : { document }) };
}

export function sealOf(org: Organisation, account: string, version: number): SealHeader {
  const { state } = org;
  const policy = state.policies[state.policy ?? ''];
  const { roster } = state;
  if (policy === undefined || roster === undefined) throw new Error('nothing is founded');
  const paths = pathsOf(policy, 'tier-0').map(({ name, groups }) => ({
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
  places: readonly { readonly name: string; readonly offServer: boolean }[] = PLACES,
): StoredInput {
  const kit = digestOf(['kit', account, version]);
  return { type: 'observation', observation: { saw: 'kitted', account, version, kit, places } };
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
  return said(signed, document);
}

/** One whole rotation. @returns the types of the last step's events */
export async function rotate(org: Organisation, account: string): Promise<readonly string[]> {
  const known = org.state.accounts[account];
  const version = (known === undefined ? 0 : lastVersion(known)) + 1;
  await org.done(sealed(org, account, version));
  await org.done(kitted(account, version));
  return org.done(await reset(org, account, version));
}

export function declaration(
  org: Organisation,
  fields: Readonly<Record<string, unknown>> = {},
  by: string = REQUESTER,
): Promise<SignedStatement> {
  const account = typeof fields.account === 'string' ? fields.account : ACCOUNT;
  return org.sign(by, 'declare', subjectOf('account', account), {
    account,
    system: SYSTEM,
    reason: textOf('nobody can sign in'),
    cause: 'idp-outage',
    evidence: [textOf('a screenshot')],
    second: SECOND,
    witness: WITNESS,
    approver: APPROVER,
    incident: textOf('INC-1'),
    ...fields,
  });
}

export async function declare(
  org: Organisation,
  fields: Readonly<Record<string, unknown>> = {},
  by: string = REQUESTER,
): Promise<string> {
  const signed = await declaration(org, fields, by);
  await org.done(said(signed));
  return statementDigest(signed.statement);
}

export function request(
  org: Organisation,
  emergency: string,
  fields: Readonly<Record<string, unknown>> = {},
  by: string = REQUESTER,
): Promise<SignedStatement> {
  const account = org.state.accounts[emergencyOf(org, emergency).account];
  const asked = typeof fields.version === 'number' ? fields.version : account?.current;
  const version = account?.versions[asked ?? 0];
  return org.sign(by, 'open.request', emergency, {
    account: account?.document.id,
    version: asked,
    seal: version?.header.id ?? '0'.repeat(32),
    sealDigest: version?.digest ?? '0'.repeat(64),
    path: 'standard',
    recipient: recipientOf('one-time'),
    expires: minutesAfter(org.now, 20),
    ...fields,
  });
}

export async function open(
  org: Organisation,
  emergency: string,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const signed = await request(org, emergency, fields);
  await org.done(said(signed));
  return statementDigest(signed.statement);
}

const GROUP_OF: Readonly<Record<string, string>> = { releaser: 'server', eli: 'executives' };

/** A holder's release for the last opening. */
export function release(
  org: Organisation,
  emergency: string,
  holder: string,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<SignedStatement> {
  const opening = emergencyOf(org, emergency).openings.at(-1);
  const path = opening?.path ?? 'standard';
  const group =
    typeof fields.group === 'string' ? fields.group : (GROUP_OF[holder] ?? 'keyholders');
  return org.sign(holder, 'share.release', emergency, {
    ...(opening?.exercise === true ? { purpose: 'exercise' } : {}),
    request: opening?.request ?? '0'.repeat(64),
    path,
    group,
    commitment: commitmentOf(opening?.version ?? 1, path, group, holder),
    ciphertext: digestOf(['ciphertext', opening?.request ?? '', holder]),
    ...fields,
  });
}

export function proverOf(org: Organisation, emergency: string, changes: object = {}): Json {
  const { account } = emergencyOf(org, emergency);
  return plain({
    v: 'halligan/prover/v1',
    account,
    version: org.state.accounts[account]?.current,
    recipient: recipientOf('prover'),
    ...changes,
  });
}

/** A request to exercise what was reset, with the rotator's word for its prover. */
export async function exerciseRequest(
  org: Organisation,
  emergency: string,
  fields: Readonly<Record<string, unknown>> = {},
  by: string = REQUESTER,
  document: Json = proverOf(org, emergency),
): Promise<StoredInput> {
  const asked = await request(
    org,
    emergency,
    { purpose: 'exercise', recipient: recipientOf('prover'), ...fields },
    by,
  );
  const { account } = emergencyOf(org, emergency);
  const vouched = await org.sign(ROTATOR, 'attest', subjectOf('account', account), {
    purpose: 'exercise',
    what: 'prover',
    digest: digestOf(document),
  });
  return said([asked, vouched], document);
}

export async function exerciseResult(
  org: Organisation,
  emergency: string,
  changes: object = {},
  fields: Readonly<Record<string, unknown>> = {},
  by: string = ROTATOR,
): Promise<StoredInput> {
  const one = emergencyOf(org, emergency);
  const opening = one.openings.at(-1);
  const document = plain({
    v: 'halligan/exercise/v1',
    account: one.account,
    version: opening?.version,
    request: opening?.request,
    outcome: 'accepted',
    ...changes,
  });
  const signed = await org.sign(by, 'attest', emergency, {
    purpose: 'exercise',
    what: 'exercise',
    digest: digestOf(document),
    ...fields,
  });
  return said(signed, document);
}

export async function attestation(
  org: Organisation,
  emergency: string,
  what: 'record' | 'submission',
  by: string,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const digest = digestOf(recordOf(org.state, emergencyOf(org, emergency)));
  return said(await org.sign(by, 'attest', emergency, { what, digest, ...fields }));
}

export async function review(
  org: Organisation,
  emergency: string,
  by: string,
  changes: object = {},
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const document = plain({
    v: 'halligan/review/v1',
    emergency,
    points: REVIEW_POINTS.map((point) => ({ point, held: true })),
    rootCause: 'idp-outage',
    action: { what: textOf('a second provider'), owner: 'mei', due: '2026-06-30' },
    ...changes,
  });
  const signed = await org.sign(by, 'attest', emergency, {
    what: 'review',
    digest: digestOf(document),
    ...fields,
  });
  return said(signed, document);
}

export function emergencyOf(org: Organisation, id: string): Emergency {
  const emergency = org.state.emergencies[id];
  if (emergency === undefined) throw new Error('there is no such emergency');
  return emergency;
}

export function minutesAfter(at: string, minutes: number): string {
  return new Date(Date.parse(at) + minutes * 60_000).toISOString();
}

/** How far an emergency is. */
export const STAGES = [
  'armed',
  'declared',
  'approved',
  'joined',
  'requested',
  'touched',
  'opened',
  'ended',
  'signed',
  'submitted',
  'reset',
  'reviewed',
  'exercising',
  'exercised',
  'closed',
] as const;
export type Stage = (typeof STAGES)[number];

export interface AtStage {
  readonly org: Organisation;
  /** Id of the emergency; empty before one is declared. */
  readonly id: string;
}

const reached = new Map<string, Promise<AtStage>>();

/** The practice organisation with one emergency that has come to a stage; a fork, yours alone. */
export async function at(
  stage: Stage,
  options: { readonly drill?: boolean; readonly policy?: object } = {},
): Promise<AtStage> {
  const name = JSON.stringify([stage, options]);
  const known = reached.get(name) ?? reach(stage, options);
  reached.set(name, known);
  const { org, id } = await known;
  return { org: org.fork(), id };
}

async function reach(
  stage: Stage,
  options: { readonly drill?: boolean; readonly policy?: object },
): Promise<AtStage> {
  const before = STAGES[STAGES.indexOf(stage) - 1];
  if (before === undefined) {
    const org = await found(options.policy);
    await rotate(org, ACCOUNT);
    await rotate(org, SPARE);
    return { org, id: '' };
  }
  const { org, id } = await at(before, options);
  org.wait(1);
  const purpose = options.drill === true ? { purpose: 'drill' } : {};
  if (stage === 'declared') return { org, id: await declare(org, purpose) };
  await take(org, id, stage);
  return { org, id };
}

async function take(org: Organisation, id: string, stage: Stage): Promise<void> {
  switch (stage) {
    case 'approved':
      await org.done(said(await org.sign(APPROVER, 'approve', id, { method: 'app' })));
      return;
    case 'joined':
      await join(org, id, SECOND, 'second');
      return join(org, id, WITNESS, 'witness');
    case 'requested':
      await open(org, id);
      return;
    case 'touched':
      await org.done(said(await release(org, id, 'ana')));
      return;
    case 'opened':
      await org.done(said(await release(org, id, 'ben')));
      await org.done(said(await release(org, id, 'releaser')));
      return;
    case 'ended':
      await org.done(said(await org.sign(REQUESTER, 'end', id, { loggedOut: org.now })));
      return;
    case 'signed':
      for (const by of [REQUESTER, SECOND])
        await org.done(await attestation(org, id, 'record', by));
      return;
    case 'submitted':
      await org.done(await attestation(org, id, 'submission', REQUESTER));
      return;
    case 'reset':
      await rotate(org, ACCOUNT);
      return;
    case 'reviewed':
      for (const by of [REQUESTER, SECOND, APPROVER, 'raj', 'mei'])
        await org.done(await review(org, id, by));
      return;
    case 'exercising':
      await org.done(await exerciseRequest(org, id));
      for (const holder of ['ben', 'cleo', 'releaser'])
        await org.done(said(await release(org, id, holder)));
      return;
    case 'exercised':
      await org.done(await exerciseResult(org, id));
      return;
    case 'closed':
      await org.done(said(await org.sign('raj', 'close', id)));
      return;
    default:
      throw new Error(`${stage} is no step`);
  }
}

async function join(org: Organisation, id: string, by: string, role: string): Promise<void> {
  await org.done(said(await org.sign(by, 'take-part', id, { role, together: 'in-person' })));
}

/** The types of every event so far, in order. */
export function happenings(org: Organisation): readonly HalliganEvent['type'][] {
  return org.history.flatMap(({ events }) => events.map(({ type }) => type));
}
