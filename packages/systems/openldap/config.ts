import { z } from 'zod';

const Dn = z.string().min(1).max(1024);
/** An attribute's short name, RFC 4512 section 1.4: safe inside a filter and a DN without escaping. */
const AttributeName = z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,62}$/);

/** How an account's name in the inventory becomes an entry of the directory. */
const Accounts = z.lazy(() =>
  z.discriminatedUnion('by', [
    /** `<attribute>=<name>,<base>`: no look-up, so that a person's device can prove without a credential of its own. */
    z.strictObject({ by: z.literal('name'), attribute: AttributeName, base: Dn }).readonly(),
    /** The name is a whole DN, which must lie below `base`. */
    z.strictObject({ by: z.literal('dn'), base: Dn }).readonly(),
    /** The one entry below `base`, at any depth, whose `attribute` has this value; the rotator looks it up. */
    z.strictObject({ by: z.literal('search'), attribute: AttributeName, base: Dn }).readonly(),
  ]),
);

export const OpenldapConfig = z.lazy(() =>
  z
    .strictObject({
      driver: z.literal('openldap'),
      /** `ldaps://host[:port]`, or `ldap://host[:port]` with `startTls` or on loopback. */
      url: z.url({ protocol: /^ldaps?$/ }).max(512),
      startTls: z.boolean().optional(),
      /** Certificates (PEM) to trust instead of the machine's. */
      ca: z.string().max(65_536).optional(),
      accounts: Accounts,
      /** Where groups are; without it, groups are unknown. */
      groups: z.strictObject({ base: Dn }).readonly().optional(),
      /** Who the rotator is; its password is the driver's secret and comes apart. */
      rotator: Dn,
      /** Milliseconds for one whole operation, connection included. */
      timeout: z.int().min(100).max(120_000).default(10_000),
    })
    .readonly(),
);

export type OpenldapConfig = z.infer<typeof OpenldapConfig>;
