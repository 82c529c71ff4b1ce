import { canonicalBytes } from '@halligan/format';
import { z } from 'zod';
import { idField, isDistinct, recipientField } from './fields.ts';
import { isPublicKeyLine } from './public-key.ts';
import { signatureField, signToText, verifyByOneOf } from './signature.ts';
import type { Signer } from './ssh-key.ts';

const RECIPIENT = 'halligan/recipient/v1';

/** What a person may be asked for. */
export const ROLES = [
  'custodian',
  'approver',
  'deputy',
  'executive',
  'witness',
  'system-owner',
  'security',
  'auditor',
  'admin',
] as const;

export type Role = (typeof ROLES)[number];

/** Distinct roles. */
export const rolesField = z
  .array(z.enum(ROLES))
  .max(ROLES.length)
  .readonly()
  .refine(isDistinct, 'a role stands twice');

/** Keys of a member, one OpenSSH line each. */
export const signingField = z
  .array(
    z
      .string()
      .max(400)
      .refine(
        isPublicKeyLine,
        'write an OpenSSH key (ssh-ed25519, sk-…) as one line without comment',
      ),
  )
  .min(1)
  .max(8)
  .readonly()
  .refine(isDistinct, 'a key stands twice');

/** A person, or a program (`releaser`, `rotator`) that holds a share or attests; programs have no roles. */
export const memberSchema = z
  .strictObject({
    id: idField,
    kind: z.enum(['person', 'program']),
    signing: signingField,
    recipient: recipientField,
    /** See {@link signRecipient}. */
    recipientSignature: signatureField,
    roles: rolesField,
  })
  .readonly()
  .refine(
    (member) => member.kind === 'person' || member.roles.length === 0,
    'a program has no roles',
  );

export type Member = z.infer<typeof memberSchema>;

/** The part of a member that {@link verifyRecipient} needs. */
export interface RecipientClaim {
  readonly person: string;
  readonly signing: readonly string[];
  readonly recipient: string;
  readonly recipientSignature: string;
}

/**
 * The owner's word that a recipient is theirs, made on their device: without it, whoever writes the roster could
 * have shares sealed to a key of their own.
 * @returns base64 of an SSHSIG blob
 */
export async function signRecipient(
  person: string,
  recipient: string,
  key: Signer,
): Promise<string> {
  return signToText(recipientBytes(person, recipient), RECIPIENT, key);
}

/**
 * Checks that the owner of one of the signing keys made the recipient.
 * @throws `statement.signature` and its sisters
 */
export async function verifyRecipient(claim: RecipientClaim): Promise<void> {
  const { person, signing, recipient, recipientSignature } = claim;
  await verifyByOneOf(recipientBytes(person, recipient), RECIPIENT, recipientSignature, signing);
}

function recipientBytes(person: string, recipient: string): Uint8Array {
  return canonicalBytes({ v: RECIPIENT, person, recipient });
}
