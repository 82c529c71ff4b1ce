import { digestOf, type Json } from '@halligan/format';
import {
  type SignedStatement,
  type StatementFields,
  statementDigest,
  subjectOf,
} from '@halligan/statement';
import { after, isAfter } from '../duration.ts';
import { untoldApprovers } from '../emergency/contact.ts';
import {
  type Emergency,
  emergencyById,
  policyOfEmergency,
  REVIEW_POINTS,
  ROTATOR,
  recordOf,
  type StoredInput,
} from '../index.ts';
import {
  ACCOUNT,
  type Organisation,
  plain,
  recipientOf,
  SYSTEM,
  textOf,
} from './practice-organisation.fixture.ts';
import { commitmentOf } from './practice-rotation.fixture.ts';

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
    expires: windowOf(org, emergency),
    ...fields,
  });
}

/** Twenty minutes from now, or less where the policy's window is shorter. */
function windowOf(org: Organisation, id: string): string {
  const asked = minutesAfter(org.now, 20);
  const policy = policyOfEmergency(org.state, emergencyOf(org, id));
  if (policy === undefined) return asked;
  const latest = after(org.now, policy.timers.opening_window, policy.time_zone);
  return isAfter(asked, latest) ? latest : asked;
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

/** A document of an emergency as it usually is, without its members that every one has. */
type Usual = (org: Organisation, emergency: Emergency) => { readonly v: string } & object;

/** Somebody signs a document about an emergency, and one statement with what its digest names comes of it. */
type Attesting = (
  org: Organisation,
  emergency: string,
  by: string,
  changes?: object,
  fields?: Readonly<Record<string, unknown>>,
) => Promise<StoredInput>;

/**
 * How people attest a kind of document: as it usually is, changed as a test wants, in a statement whose fields may be
 * changed too.
 */
export function attesting(
  what: StatementFields<'attest'>['what'],
  usual: Usual,
  usualFields: Readonly<Record<string, unknown>> = {},
): Attesting {
  return async (org, emergency, by, changes = {}, fields = {}) => {
    const document = plain({ emergency, ...usual(org, emergencyOf(org, emergency)), ...changes });
    const digest = digestOf(document);
    const signed = { what, digest, ...usualFields, ...fields };
    return said(await org.sign(by, 'attest', emergency, signed), document);
  };
}

/** The executive's word on a solo access. */
export const signOff = attesting('sign-off', () => ({ v: 'halligan/sign-off/v1', agreed: true }), {
  text: textOf('I stand by it'),
});

/** That an approver was told; by default the first who was not. */
export const notification = attesting('notification', (org, one) => {
  const person = untoldApprovers(org.state, one)[0] ?? APPROVER;
  return { v: 'halligan/notification/v1', person, channel: 'phone', at: org.now };
});

export const review = attesting('review', (org) => ({
  v: 'halligan/review/v1',
  points: REVIEW_POINTS.map((point) => ({ point, held: true })),
  rootCause: 'idp-outage',
  action: { what: textOf('a second provider'), owner: ownerOf(org), due: '2026-06-30' },
}));

/** Somebody who is there to act on it. */
export function ownerOf(org: Organisation): string {
  const people = org.state.roster?.members.map(({ id }) => id) ?? [];
  return ['mei', 'raj', 'ada'].find((one) => people.includes(one)) ?? 'mei';
}

export function emergencyOf(org: Organisation, id: string): Emergency {
  const emergency = emergencyById(org.state, id);
  if (emergency === undefined) throw new Error('there is no such emergency');
  return emergency;
}

export function minutesAfter(at: string, minutes: number): string {
  return new Date(Date.parse(at) + minutes * 60_000).toISOString();
}
