import { HalliganError } from '@halligan/format';
import { z } from 'zod';

const id = z.string().regex(/^[a-z0-9-]{1,63}$/);

/** A target system, as an admin registers it. */
export const systemDocument = z.strictObject({
  v: z.literal('halligan/inventory/v1'),
  add: z.literal('system'),
  id,
  purpose: z.string().min(1).max(500),
  address: z.string().min(1).max(500),
  support: z.string().max(500).optional(),
  owner: id,
});

/** An emergency account: bound to no person, its name shows its purpose, its privilege is justified. */
export const accountDocument = z.strictObject({
  v: z.literal('halligan/inventory/v1'),
  add: z.literal('account'),
  id,
  system: id,
  name: z.string().min(1).max(300),
  privilege: z.string().min(1).max(200),
  justification: z.string().min(1).max(1000),
  quorum: id,
});

/**
 * How to reach a system, as a digest: the settings themselves stay on the server. Whoever could exchange them unseen
 * could send the rotator, with its credential and fresh passwords, to a machine of their own.
 */
export const driverDocument = z.strictObject({
  v: z.literal('halligan/inventory/v1'),
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
});

export type SystemDocument = z.infer<typeof systemDocument>;
export type AccountDocument = z.infer<typeof accountDocument>;
export type DriverDocument = z.infer<typeof driverDocument>;

const inventoryDocument = z.discriminatedUnion('add', [
  systemDocument,
  accountDocument,
  driverDocument,
]);

/** Parses what an admin adds to the inventory. @throws `procedure.inventory` */
export function inventoryOf(document: unknown): SystemDocument | AccountDocument | DriverDocument {
  const parsed = inventoryDocument.safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new HalliganError(
    'procedure.inventory',
    `This inventory entry is not valid at ${issue?.path.join('.') || 'the document'}.`,
    issue?.message ?? 'See docs/formats/inventory.md.',
  );
}
