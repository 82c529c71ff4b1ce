import { HalliganError } from '@halligan/format';
import type { Member, Role } from './member.ts';
import { signRecipient } from './member.ts';
import type { Roster } from './roster.ts';
import { verifyGenesis } from './roster-chain.ts';
import type { RosterContext } from './roster-change.ts';
import { linkDigest, type RosterChange, type RosterLink, type SignedLink } from './roster-link.ts';
import { signStatement } from './signed-statement.ts';
import { type SigningKey, signingKeyOf } from './ssh-key.ts';
import { makeStatement } from './statement.ts';

/** People, programs and rosters for tests; every key is made from the member's name. */

export const ORIGIN = 'halligan.example/contoso';
export const NOW = '2026-03-01T12:00:00Z';
export const JOURNAL = { size: 7, root: 'ab'.repeat(32) };
const VERIFIER_KEY = 'halligan.example/contoso+0123abcd+AQIDBA==';
const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

export async function keyOf(name: string): Promise<SigningKey> {
  const known = keys.get(name) ?? signingKeyOf(bytesOf(name));
  keys.set(name, known);
  return known;
}
const keys = new Map<string, Promise<SigningKey>>();

function bytesOf(name: string): Uint8Array {
  return Uint8Array.from(
    { length: 32 },
    (_, at) => (name.charCodeAt(at % name.length) * 7 + at) % 256,
  );
}

/** Of the right form; nothing here encrypts to it. */
export function recipientOf(name: string): string {
  const letters = Array.from(
    { length: 58 },
    (_, at) => BECH32[(name.charCodeAt(at % name.length) + at) % 32],
  );
  return `age1${letters.join('')}`;
}

/** A member whose keys come from `keyName`. */
export async function member(
  id: string,
  roles: readonly Role[] = [],
  keyName = id,
  kind: Member['kind'] = 'person',
): Promise<Member> {
  const key = await keyOf(keyName);
  const recipient = recipientOf(keyName);
  return {
    id,
    kind,
    signing: [key.publicKey],
    recipient,
    recipientSignature: await signRecipient(id, recipient, key),
    roles,
  };
}

export async function rekey(person: string, keyName: string): Promise<RosterChange> {
  const { signing, recipient, recipientSignature } = await member(person, [], keyName);
  return { do: 'rekey', person, signing, recipient, recipientSignature };
}

/** ana, bob: admins; carol, dave, erin: custodians; frank: approver; a releaser. */
export async function genesisChange(): Promise<RosterChange> {
  return {
    do: 'genesis',
    organisation: 'contoso',
    origin: ORIGIN,
    logKey: VERIFIER_KEY,
    evidenceKey: VERIFIER_KEY,
    recipients: 'x25519',
    members: [
      await member('ana', ['admin']),
      await member('bob', ['admin']),
      await member('carol', ['custodian']),
      await member('dave', ['custodian']),
      await member('erin', ['custodian']),
      await member('frank', ['approver']),
      await member('releaser', [], 'releaser', 'program'),
    ],
  };
}

export async function genesis(signers: readonly string[] = ['ana', 'bob']): Promise<SignedLink> {
  const change = await genesisChange();
  return signedBy({ v: 'halligan/roster/v1', number: 0, previous: null, change }, signers);
}

export async function firstRoster(): Promise<Roster> {
  return verifyGenesis(await genesis());
}

export function linkAfter(roster: Roster, change: RosterChange): RosterLink {
  return { v: 'halligan/roster/v1', number: roster.number + 1, previous: roster.digest, change };
}

/** Signs a link. @param signers `id`, or `id:name of the key` */
export async function signedBy(link: RosterLink, signers: readonly string[]): Promise<SignedLink> {
  const statements = signers.map(async (signer) => {
    const [by = '', keyName = by] = signer.split(':');
    const statement = makeStatement('roster.change', {
      origin: ORIGIN,
      subject: linkDigest(link),
      by,
      at: NOW,
      purpose: 'real',
      policy: null,
      roster: link.previous,
      journal: JOURNAL,
    });
    return signStatement(statement, await keyOf(keyName));
  });
  return { link, statements: await Promise.all(statements) };
}

/** @param thresholds by name of the group @param seen link digests by the instant of first sight */
export function context(
  thresholds: Readonly<Record<string, number>> = {},
  seen: Readonly<Record<string, string>> = {},
  now = NOW,
): RosterContext {
  return {
    now,
    firstSeen: (digest) => seen[digest],
    thresholdOf: (group) => thresholds[group] ?? 0,
  };
}

/** Matches a HalliganError with a code and a hint. */
export const code = (expected: string) => (error: unknown) =>
  error instanceof HalliganError && error.code === expected && error.hint !== ''
    ? true
    : (() => {
        throw error;
      })();
