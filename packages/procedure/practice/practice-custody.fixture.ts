import { digestOf } from '@halligan/format';
import type { SignedStatement } from '@halligan/statement';
import { attestedBy, CHECKS, custodyOf, type StoredInput, subjectOfCustody } from '../index.ts';
import { ACCOUNT, type Organisation, plain } from './practice-organisation.fixture.ts';

/** Envelopes and places as the people of the practice organisation sign for them. */

const V = 'halligan/custody/v1';
export const SAFE = 'safe-a';
export const BANK = 'bank-1';
export const SERIAL = '001';
export const KEEPERS = ['ana', 'ben'] as const;
export const INTACT = Object.fromEntries(CHECKS.map((check) => [check, true]));

/** A document with the two signatures, in an emergency where one is named. `fields` may lie. */
export async function signedBy(
  org: Organisation,
  document: Readonly<Record<string, unknown>>,
  by: readonly string[] = KEEPERS,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const json = plain(document);
  const signed: SignedStatement[] = [];
  for (const person of by) {
    const { subject = subjectOfCustody(custodyOf(json)), ...rest } = fields;
    const what = attestedBy(custodyOf(json));
    signed.push(
      await org.sign(person, 'attest', String(subject), { what, digest: digestOf(json), ...rest }),
    );
  }
  return { type: 'statements', signed, document: json };
}

/** The place as it stands, with changes, or a new one. */
export function placeOf(org: Organisation, id: string, changes: object = {}) {
  const before = org.state.places[id];
  return {
    v: V,
    do: 'place',
    id,
    kind: 'rated-safe',
    name: `Safe ${id}`,
    address: 'Head office, ground floor',
    access: ['ana', 'ben', 'cleo'],
    changed: '2026-03-01T09:00:00Z',
    ...before?.document,
    previous: before?.digest ?? null,
    ...changes,
  };
}

export function registration(org: Organisation, changes: object = {}) {
  const account = org.state.accounts[ACCOUNT];
  const current = account?.current ?? 0;
  return {
    v: V,
    do: 'register',
    serial: SERIAL,
    account: ACCOUNT,
    version: current,
    seal: account?.versions[current]?.digest,
    contains: [{ what: 'credential' }],
    tamperEvident: 'Keepsafe C5',
    place: SAFE,
    signed: KEEPERS.map((by) => ({ by, at: org.now })),
    ...changes,
  };
}

export function move(org: Organisation, changes: object = {}) {
  const from = org.state.accounts[ACCOUNT]?.envelopes[SERIAL]?.place ?? SAFE;
  const facts = { serial: SERIAL, account: ACCOUNT, from, to: BANK };
  return { v: V, do: 'move', ...facts, taken: org.now, placed: org.now, ...changes };
}

export function inspection(org: Organisation, changes: object = {}) {
  const facts = { serial: SERIAL, account: ACCOUNT, place: SAFE };
  const times = { inspected: org.now, returned: org.now };
  return { v: V, do: 'inspect', ...facts, ...times, checks: INTACT, photos: [], ...changes };
}

export function destruction(org: Organisation, changes: object = {}) {
  const facts = { serial: SERIAL, account: ACCOUNT, destroyed: org.now };
  return { v: V, do: 'destroy', ...facts, paper: 'cross-cut-shredded', files: 'none', ...changes };
}

export function arrival(org: Organisation, changes: object = {}) {
  const arrived = KEEPERS.map((by) => ({ by, at: org.now }));
  return { v: V, do: 'arrive', serial: SERIAL, account: ACCOUNT, place: SAFE, arrived, ...changes };
}

export function unsealing(org: Organisation, changes: object = {}) {
  return {
    v: V,
    do: 'open',
    serial: SERIAL,
    account: ACCOUNT,
    version: org.state.accounts[ACCOUNT]?.envelopes[SERIAL]?.version ?? 1,
    place: SAFE,
    access: { method: 'split-combination', by: ['ana', 'ben'] },
    checks: INTACT,
    signed: KEEPERS.map((by) => ({ by, at: org.now })),
    opened: org.now,
    photos: [],
    ...changes,
  };
}

/** Adds a safe with a split combination and a bank box, and registers an envelope in the safe. */
export async function furnished(org: Organisation): Promise<Organisation> {
  const combination = [['ana', 'cleo'], ['ben']];
  await org.done(await signedBy(org, placeOf(org, SAFE, { combination })));
  await org.done(await signedBy(org, placeOf(org, BANK, { kind: 'bank-box' })));
  await org.done(await signedBy(org, registration(org)));
  return org;
}
