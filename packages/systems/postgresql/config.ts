import { z } from 'zod';

/** A name of the server's own, in bytes of UTF-8: it cuts longer ones off. */
const Name = z.string().min(1).max(63);

export const PostgresqlConfig = z.lazy(() =>
  z
    .strictObject({
      driver: z.literal('postgresql'),
      host: z.string().min(1).max(255),
      port: z.int().min(1).max(65_535).default(5432),
      /** Where the rotator works and accounts sign in to be proven; each needs CONNECT on it. */
      database: Name.default('postgres'),
      /** Certificates (PEM) to trust instead of the machine's. */
      ca: z.string().max(65_536).optional(),
      /** `standing`: the rotator sets passwords by `privilege`. `self`: an account changes its own. */
      rotation: z.enum(['standing', 'self']).default('standing'),
      /** The rotator's own role; its password is the driver's secret and comes apart. */
      rotator: Name.default('halligan'),
      /** `function`: one function of a superuser's for the members of one group; `createrole`: the attribute CREATEROLE. */
      privilege: z.enum(['function', 'createrole']).default('function'),
      /** Of PBKDF2 in the verifier. Many more than the default make every sign-in slow, on the server too. */
      iterations: z.int().min(4096).max(100_000).default(4096),
      /** What a rotation does with VALID UNTIL: leaves it, or takes it away. */
      validUntil: z.enum(['keep', 'infinity']).default('keep'),
      /** Milliseconds for one whole operation, connection included. */
      timeout: z.int().min(100).max(120_000).default(10_000),
    })
    .readonly(),
);

export type PostgresqlConfig = z.infer<typeof PostgresqlConfig>;
