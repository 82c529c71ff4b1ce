import { accessTo, envelopesOf, keepersOf, type StoredInput } from '../index.ts';
import {
  arrival,
  destruction,
  inspection,
  placeOf,
  registration,
  signedBy,
  unsealing,
} from './practice-custody.fixture.ts';
import type { Organisation } from './practice-organisation.fixture.ts';

/** What whoever keeps envelopes does about them, in any organisation. */

const PLACES = ['safe-a', 'bank-1'] as const;

/** Two places, where there are two who keep envelopes. @returns whether there are */
export async function addPlaces(org: Organisation): Promise<boolean> {
  const access = keepersOf(org.state);
  if (access.length < 2) return false;
  for (const id of PLACES) await org.done(await changePlace(org, id));
  return true;
}

/** Whoever keeps envelopes now gets in, and the lock was changed. */
export async function changePlace(org: Organisation, id: string): Promise<StoredInput> {
  const access = keepersOf(org.state);
  const kind = id === 'bank-1' ? 'bank-box' : 'rated-safe';
  const changes = { kind, access, combination: undefined, changed: org.now };
  return signedBy(org, placeOf(org, id, changes), access.slice(0, 2));
}

/** Two keepers, one of whom gets in. */
export function pairFor(org: Organisation, place: string): readonly string[] {
  const keepers = keepersOf(org.state);
  const [first, ...others] = accessTo(org.state, place).filter((one) => keepers.includes(one));
  const one = first ?? keepers[0];
  const other = others[0] ?? keepers.find((each) => each !== one);
  return [one, other].filter((each) => each !== undefined);
}

/** A new envelope with the version that is in force. */
export async function envelopeFor(
  org: Organisation,
  account: string,
  place: string = PLACES[0],
): Promise<StoredInput> {
  const by = pairFor(org, place);
  const known = org.state.accounts[account];
  const version = known?.current ?? 0;
  const document = registration(org, {
    serial: `e-${envelopesOf(org.state).length + 1}`,
    account,
    version,
    seal: known?.versions[version]?.digest,
    place,
    signed: by.map((one) => ({ by: one, at: org.now })),
  });
  return signedBy(org, document, by);
}

/** The place and account of an envelope. */
function lies(org: Organisation, serial: string) {
  const kept = envelopesOf(org.state).find(({ envelope }) => envelope.serial === serial);
  return {
    serial,
    account: kept?.account.document.id ?? '',
    place: kept?.envelope.place ?? PLACES[0],
    version: kept?.envelope.version ?? 1,
  };
}

export async function destroyed(org: Organisation, serial: string): Promise<StoredInput> {
  const { account, place } = lies(org, serial);
  return signedBy(org, destruction(org, { serial, account }), pairFor(org, place));
}

export async function inspected(
  org: Organisation,
  serial: string,
  changes: object = {},
  by?: readonly string[],
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const { account, place } = lies(org, serial);
  const document = inspection(org, { serial, account, place, ...changes });
  return signedBy(org, document, by ?? pairFor(org, place), fields);
}

/** Both at the envelope, in an emergency. */
export async function arrived(
  org: Organisation,
  emergency: string,
  serial: string,
  by: readonly string[],
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const { account, place } = lies(org, serial);
  const people = by.map((one) => ({ by: one, at: org.now }));
  const document = arrival(org, { serial, account, place, arrived: people });
  return signedBy(org, document, by, { subject: emergency, ...fields });
}

/** The envelope opened, in an emergency. */
export async function unsealed(
  org: Organisation,
  emergency: string,
  serial: string,
  by: readonly string[],
  changes: object = {},
  fields: Readonly<Record<string, unknown>> = {},
): Promise<StoredInput> {
  const document = unsealing(org, {
    ...lies(org, serial),
    access: { method: 'key', by: [...by] },
    signed: by.map((one) => ({ by: one, at: org.now })),
    ...changes,
  });
  return signedBy(org, document, by, { subject: emergency, ...fields });
}
