import { z } from 'zod';

const Dn = z.string().min(1).max(1024);

/** How an account's name in the inventory becomes a name that a domain controller signs in. All lie below `base`. */
const Accounts = z.lazy(() =>
  z.discriminatedUnion('by', [
    /** The sAMAccountName; signs in as `<domain>\<name>`, `domain` being the NetBIOS name. */
    z
      .strictObject({
        by: z.literal('name'),
        domain: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/),
        base: Dn,
      })
      .readonly(),
    /** The userPrincipalName, `name@suffix`. */
    z.strictObject({ by: z.literal('upn'), base: Dn }).readonly(),
    /** A whole DN. */
    z.strictObject({ by: z.literal('dn'), base: Dn }).readonly(),
  ]),
);

export const ActiveDirectoryConfig = z.lazy(() =>
  z
    .strictObject({
      driver: z.literal('active-directory'),
      /** `ldaps://host[:port]` and nothing else: a domain controller takes passwords over TLS only. */
      url: z.url({ protocol: /^ldaps$/ }).max(512),
      /** Certificates (PEM) to trust instead of the machine's. */
      ca: z.string().max(65_536).optional(),
      accounts: Accounts,
      /**
       * `standing`: the rotator resets passwords by a delegated right. `self`: the account changes its own, as members of
       * protected groups must, and nobody has a standing right over it.
       */
      rotation: z.enum(['standing', 'self']).default('standing'),
      /** Who looks, and under `standing` sets: a UPN, a DN or `DOMAIN\name`. Its password comes apart. */
      rotator: z
        .string()
        .max(1024)
        .regex(/^\P{Cc}+$/u),
      /** Milliseconds for one whole operation, connection included. */
      timeout: z.int().min(100).max(120_000).default(10_000),
    })
    .readonly(),
);

export type ActiveDirectoryConfig = z.infer<typeof ActiveDirectoryConfig>;
