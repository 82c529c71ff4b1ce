import { digestOf } from '@halligan/format';
import { subjectOf } from '@halligan/statement';
import type { StoredInput } from '../index.ts';
import { emergencyOf } from './practice-emergency.fixture.ts';
import { ACCOUNT, type Organisation, plain } from './practice-organisation.fixture.ts';
import { sealOf } from './practice-rotation.fixture.ts';

/** Rotations and sign-ins that people do themselves, where no program does. */

/** What some people sign of a rotation by hand, all over the same document. */
export async function signedByHand(
  org: Organisation,
  people: readonly string[],
  document: object,
  fields: Readonly<Record<string, unknown>> = {},
  subject: string = subjectOf('account', ACCOUNT),
): Promise<StoredInput> {
  const json = plain(document);
  const signed = [];
  for (const by of people)
    signed.push(
      await org.sign(by, 'attest', subject, { what: 'reset', digest: digestOf(json), ...fields }),
    );
  return { type: 'statements', signed, document: json };
}

/** @param changes to the document @param fields to the statement */
export function sealedByHand(
  org: Organisation,
  by: string,
  version: number,
  changes: Readonly<Record<string, unknown>> = {},
  account: string = ACCOUNT,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const header = sealOf(org, account, version);
  const document = {
    v: 'halligan/sealing-by-hand/v1',
    account,
    version,
    seal: digestOf(plain(header)),
    header,
    second: 'ben',
    ...changes,
  };
  return signedByHand(org, [by], document, fields, subjectOf('account', account));
}

export function setByHand(
  org: Organisation,
  people: readonly string[],
  version: number,
  changes: Readonly<Record<string, unknown>> = {},
  account: string = ACCOUNT,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const document = {
    v: 'halligan/rotation-by-hand/v1',
    account,
    version,
    seal: org.state.accounts[account]?.versions[version]?.digest ?? '',
    fresh: 'accepted',
    old: 'unknown',
    ...changes,
  };
  return signedByHand(org, people, document, fields, subjectOf('account', account));
}

export function givenUpByHand(
  org: Organisation,
  by: string,
  version: number,
  account: string = ACCOUNT,
): Promise<StoredInput> {
  const document = {
    v: 'halligan/rotation-by-hand-failed/v1',
    account,
    version,
    seal: org.state.accounts[account]?.versions[version]?.digest ?? '',
  };
  return signedByHand(org, [by], document, {}, subjectOf('account', account));
}

export function exercisedByHand(
  org: Organisation,
  emergency: string,
  people: readonly string[],
  changes: Readonly<Record<string, unknown>> = {},
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const { account } = emergencyOf(org, emergency);
  const document = {
    v: 'halligan/exercise-by-hand/v1',
    emergency,
    account,
    version: org.state.accounts[account]?.current,
    outcome: 'accepted',
    ...changes,
  };
  return signedByHand(
    org,
    people,
    document,
    { what: 'exercise', purpose: 'exercise', ...fields },
    emergency,
  );
}
