import { HalliganError, hiddenCharacter, ID } from '@halligan/format';
import { z } from 'zod';

const id = z.string().regex(ID, 'an id is 1 to 63 of a-z, 0-9 and -');
/** A text that readers see all of. */
const text = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .refine((value) => hiddenCharacter(value) === undefined, 'it has an invisible character');
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'a digest is 64 of 0-9 and a-f');
/** The entry that this one replaces, by its digest: an old entry cannot be signed in again. */
const previous = digest.exactOptional();
const v = z.literal('halligan/inventory/v1');

/** A target system, as an admin registers it; `previous` where it replaces an earlier entry. */
export const systemDocument = z.lazy(() =>
  z.strictObject({
    v,
    add: z.literal('system'),
    id,
    previous,
    purpose: z.string().min(1).max(500),
    address: z.string().min(1).max(500),
    /** The provider’s contacts. */
    support: z.string().max(500).exactOptional(),
    owner: id,
    /** Ids of the systems without which signing in here does not work, the identity provider first of all. */
    depends_on: z.array(id).max(16).exactOptional(),
    /** What people see when it is needed, so that somebody who knows no names finds it. */
    symptoms: z.array(text(200)).max(16).exactOptional(),
  }),
);

/** A hardware key of an account. Its PIN is nowhere in the record. */
const key = z.lazy(() =>
  z.strictObject({
    serial: text(100),
    /** Says maker and model, where it is one that is known here. */
    aaguid: z.uuid().exactOptional(),
    model: text(200).exactOptional(),
    /** A finger’s touch; a biometric key opens for one person only. */
    presence: z.enum(['touch', 'biometric']),
    pin: z.boolean(),
    /** Ids of places. */
    key_place: id,
    pin_place: id.exactOptional(),
  }),
);

const secondMethod = z.lazy(() =>
  z.discriminatedUnion('method', [
    /** A device of the account’s own, no app on somebody’s telephone. */
    z.strictObject({ method: z.literal('totp-device'), place: id }),
    z.strictObject({ method: z.literal('sms'), organisation_controlled: z.boolean() }),
    /** Each works once; `left` is counted when they are. */
    z.strictObject({ method: z.literal('backup-codes'), place: id, left: z.int().min(0).max(100) }),
  ]),
);

/** An emergency account: bound to no person, its name shows its purpose, its privilege is justified. */
export const accountDocument = z.lazy(() =>
  z.strictObject({
    v,
    add: z.literal('account'),
    id,
    previous,
    system: id,
    name: z.string().min(1).max(300),
    privilege: z.string().min(1).max(200),
    justification: z.string().min(1).max(1000),
    quorum: id,
    kind: z.enum(['cloud-only', 'on-premises', 'local']).exactOptional(),
    /** The address that is typed, not a bookmark and not a portal that needs the identity provider. */
    sign_in: text(500).exactOptional(),
    keys: z.array(key).max(16).exactOptional(),
    second_methods: z.array(secondMethod).max(16).exactOptional(),
    /** Where the PIN lies on paper; an online store alone is gone when it is needed. */
    pin_copy: id.exactOptional(),
    /** A passkey is the way in: the password is long, random and known to nobody. */
    passkey_only: z.boolean().exactOptional(),
    /** What of the organisation’s sign-in rules does not apply to it, each with its reason. */
    exclusions: z
      .array(z.strictObject({ from: text(200), justification: z.string().max(1000) }))
      .max(32)
      .exactOptional(),
  }),
);

/** What somebody’s work is, as far as an emergency asks. Contacts are no part of the record. */
export const personDocument = z.lazy(() =>
  z.strictObject({
    v,
    add: z.literal('person'),
    id,
    previous,
    title: text(100).exactOptional(),
    /** Administers the systems day by day: no custodian, if it can be helped. */
    daily_admin: z.boolean().exactOptional(),
    training: z
      .array(z.strictObject({ course: id, done: z.iso.date(), expires: z.iso.date() }))
      .max(32)
      .exactOptional(),
  }),
);

/** A system or an account that is no longer kept. Two admins sign. */
export const retirementDocument = z.lazy(() =>
  z.strictObject({
    v,
    add: z.literal('retirement'),
    of: z.enum(['system', 'account']),
    id,
    reason: text(500),
  }),
);

/** The verifier key of a machine’s journal (C2SP signed-note): `<name>+<key id>+<base64>`. */
const logKey = z
  .string()
  .max(300)
  .regex(/^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}$/, 'a key is name+id+base64');

/**
 * Machines that report what happens on them, a fleet at a time: enrolled, set up anew with another key (`previous` is
 * the one before), or retired.
 */
export const machinesDocument = z.lazy(() =>
  z.strictObject({
    v,
    add: z.literal('machines'),
    /** What they are called together. */
    id,
    enrol: z
      .array(z.strictObject({ id, log_key: logKey, previous: logKey.exactOptional() }))
      .max(100)
      .exactOptional(),
    retire: z.array(id).max(100).exactOptional(),
    reason: text(500).exactOptional(),
  }),
);

/**
 * How to reach a system, as a digest: the settings themselves stay on the server. Whoever could exchange them unseen
 * could send the rotator, with its credential and fresh passwords, to a machine of their own.
 */
export const driverDocument = z.lazy(() =>
  z.strictObject({
    v,
    add: z.literal('driver'),
    /** The system's id. */
    id,
    /** SHA-256 of the canonical settings. */
    config: z.string().regex(/^[0-9a-f]{64}$/),
    /** The digest that is replaced, so that an old change cannot be signed in again; null for the first. */
    previous: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .nullable(),
    /** Nothing rotates its accounts: people set and attest what was sealed on their device. */
    by_hand: z.literal(true).exactOptional(),
  }),
);

export type SystemDocument = z.infer<typeof systemDocument>;
export type AccountDocument = z.infer<typeof accountDocument>;
export type DriverDocument = z.infer<typeof driverDocument>;
export type MachinesDocument = z.infer<typeof machinesDocument>;
export type PersonDocument = z.infer<typeof personDocument>;
export type RetirementDocument = z.infer<typeof retirementDocument>;

const inventoryDocument = z.discriminatedUnion('add', [
  systemDocument,
  accountDocument,
  driverDocument,
  machinesDocument,
  personDocument,
  retirementDocument,
]);

/** One entry that an admin signs. */
export type InventoryEntry = z.infer<typeof inventoryDocument>;

/** Parses what an admin adds to the inventory. @throws `procedure.inventory` */
export function inventoryOf(document: unknown): InventoryEntry {
  const parsed = inventoryDocument.safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new HalliganError(
    'procedure.inventory',
    `This inventory entry is not valid at ${issue?.path.join('.') || 'the document'}.`,
    issue?.message ?? 'See docs/formats/inventory.md.',
  );
}
