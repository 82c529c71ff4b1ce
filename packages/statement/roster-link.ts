import { digestOf, HalliganError } from '@halligan/format';
import { z } from 'zod';
import {
  digestField,
  idField,
  isDistinct,
  originField,
  parsedAs,
  recipientField,
} from './fields.ts';
import { memberSchema, rolesField, signingField, verifyRecipient } from './member.ts';
import { signatureField } from './signature.ts';
import { type SignedStatement, signedStatementOf } from './signed-statement.ts';

export const ROSTER_VERSION = 'halligan/roster/v1';

/** A C2SP signed-note verifier key, `<name>+<hash>+<base64>`; its meaning is checked by the room that uses it. */
const verifierKeyField = z
  .string()
  .max(4096)
  .regex(
    /^[^\s\p{Cc}\p{Cs}+]{1,255}\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$/u,
    'write a C2SP verifier key',
  );

/** The log's verifier keys, as its log.pub has them: one, or an Ed25519 and an ML-DSA-44 one, a line each. */
const logKeyField = z
  .string()
  .max(4096)
  .regex(
    /^[^\s\p{Cc}\p{Cs}+]{1,255}\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}(?:\n[^\s\p{Cc}\p{Cs}+]{1,255}\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2})?$/u,
    'write a C2SP verifier key, or two, a line each',
  );

const changeSchema = z.discriminatedUnion('do', [
  z
    .strictObject({
      do: z.literal('genesis'),
      organisation: idField,
      origin: originField,
      logKey: logKeyField,
      evidenceKey: verifierKeyField,
      recipients: z.enum(['hybrid', 'x25519']),
      members: z.array(memberSchema).min(2).max(256).readonly(),
    })
    .readonly(),
  z.strictObject({ do: z.literal('admit'), member: memberSchema }).readonly(),
  z.strictObject({ do: z.literal('amend'), person: idField, roles: rolesField }).readonly(),
  z
    .strictObject({
      do: z.literal('rekey'),
      person: idField,
      signing: signingField,
      recipient: recipientField,
      recipientSignature: signatureField,
    })
    .readonly(),
  z.strictObject({ do: z.literal('remove'), person: idField }).readonly(),
  z
    .strictObject({
      do: z.literal('group'),
      name: idField,
      /** An empty list dissolves the group. */
      members: z.array(idField).max(64).readonly().refine(isDistinct, 'a member stands twice'),
    })
    .readonly(),
]);

const linkSchema = z
  .strictObject({
    v: z.literal(ROSTER_VERSION),
    number: z.int().min(0),
    previous: digestField.nullable(),
    change: changeSchema,
  })
  .readonly();

/** One change of the roster. */
export type RosterChange = z.infer<typeof changeSchema>;

/** One link of the chain: `number` 0 is the genesis; `previous` is the digest of the link before, null there. */
export type RosterLink = z.infer<typeof linkSchema>;

/** A link and the `roster.change` statements whose subject is its digest. Plain JSON. */
export interface SignedLink {
  readonly link: RosterLink;
  readonly statements: readonly SignedStatement[];
}

declare const proven: unique symbol;

/** A link whose recipients are proven to be their owners'. Made by {@link verifyLink} only. */
export interface VerifiedLink {
  readonly [proven]: true;
  readonly link: RosterLink;
  readonly digest: string;
}

/** SHA-256 of the canonical link, hexadecimal: subject of the statements that make the change. */
export function linkDigest(link: RosterLink): string {
  return digestOf(link);
}

/**
 * Reads a link from untrusted JSON. Shares nothing with the input.
 * @throws `roster.version`, `roster.shape`
 */
export function rosterLinkOf(json: unknown): RosterLink {
  const version = z.object({ v: z.literal(ROSTER_VERSION) }).safeParse(json);
  if (!version.success) {
    throw new HalliganError(
      'roster.version',
      `This is not a roster link of the version ${ROSTER_VERSION}.`,
      'It was made by a newer program, or is no roster link: update Halligan, or check the file.',
    );
  }
  return parsedAs<RosterLink>(linkSchema, json, 'roster.shape', 'This roster link');
}

/**
 * Reads a link and its statements, verifying nothing.
 * @throws `roster.shape`, `roster.version`, `statement.shape` and its sisters
 */
export function signedLinkOf(json: unknown): SignedLink {
  const envelope = z.strictObject({ link: z.unknown(), statements: z.array(z.unknown()).max(64) });
  const { link, statements } = parsedAs(envelope, json, 'roster.shape', 'This signed roster link');
  return { link: rosterLinkOf(link), statements: statements.map(signedStatementOf) };
}

/**
 * Reads a link and checks the one thing in it that the rules cannot, because it takes cryptography: that every
 * recipient was made by its owner. Who may make the change is for `rosterAfter`.
 * @throws `roster.version`, `roster.shape`, `statement.signature` and its sisters
 */
export async function verifyLink(json: unknown): Promise<VerifiedLink> {
  const link = rosterLinkOf(json);
  const { change } = link;
  if (change.do === 'genesis') {
    for (const member of change.members) await verifyRecipient({ ...member, person: member.id });
  } else if (change.do === 'admit') {
    await verifyRecipient({ ...change.member, person: change.member.id });
  } else if (change.do === 'rekey') {
    await verifyRecipient(change);
  }
  return { link, digest: linkDigest(link) } as VerifiedLink;
}
