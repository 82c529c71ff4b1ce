import { canonicalBytes, concat, utf8 } from '@halligan/format';
import { z } from 'zod';
import { idField, originField, parsedAs } from './fields.ts';
import type { Member } from './member.ts';
import { memberById, type Roster } from './roster.ts';
import { signatureField, signToText, verifyByOneOf } from './signature.ts';
import { unknownPerson } from './signed-statement.ts';
import type { Signer } from './ssh-key.ts';

/** Namespace and prefix of sign-ins. */
const SIGN_IN = 'halligan/sign-in/v1';

const signInSchema = z.strictObject({
  origin: originField,
  person: idField,
  challenge: z.string().regex(/^[A-Za-z0-9_-]{22,128}$/, 'a challenge is 22 to 128 of base64url'),
});

/**
 * What is signed: `halligan/sign-in/v1\n` and the canonical JSON of origin, person and challenge. The server chose
 * the challenge, so it never stands alone: with its own namespace and prefix, no challenge can be a statement.
 */
function signInBytes(fields: unknown): Uint8Array {
  const checked = parsedAs(signInSchema, fields, 'statement.sign-in', 'This sign-in');
  return concat(utf8(`${SIGN_IN}\n`), canonicalBytes(checked));
}

/**
 * Answers a sign-in challenge.
 * @param challenge what the server sent: 22 to 128 characters of base64url (hexadecimal is fine), used once
 * @returns base64 of an SSHSIG blob
 * @throws `statement.sign-in`, `statement.key`
 */
export async function signSignIn(
  challenge: string,
  who: { readonly origin: string; readonly person: string },
  key: Signer,
): Promise<string> {
  const bytes = signInBytes({ origin: who.origin, person: who.person, challenge });
  return signToText(bytes, SIGN_IN, key);
}

/**
 * Verifies the answer to a challenge that the caller itself made, not long ago, and accepts once.
 * @returns the person who signed in
 * @throws `statement.sign-in`, `statement.unknown-person`, `statement.signature` and its sisters
 */
export async function verifySignIn(
  challenge: string,
  answer: { readonly person: string; readonly signature: string },
  roster: Roster,
): Promise<Member> {
  const { person } = answer;
  const signature = parsedAs(signatureField, answer.signature, 'statement.sign-in', 'This sign-in');
  const bytes = signInBytes({ origin: roster.origin, person, challenge });
  const member = memberById(roster, person);
  if (member?.kind !== 'person') throw unknownPerson();
  await verifyByOneOf(bytes, SIGN_IN, signature, member.signing);
  return member;
}
