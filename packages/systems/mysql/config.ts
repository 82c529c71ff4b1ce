import { z } from 'zod';

/** Both servers' names are characters; MySQL's at most 32, MariaDB's 80. */
const Name = z.string().min(1).max(80);

export const MysqlConfig = z.lazy(() =>
  z
    .strictObject({
      driver: z.literal('mysql'),
      /** Which of the two it is: they keep accounts differently. */
      server: z.enum(['mariadb', 'mysql']),
      host: z.string().min(1).max(255),
      port: z.int().min(1).max(65_535).default(3306),
      /** Certificates (PEM) to trust instead of the machine's. */
      ca: z.string().max(65_536).optional(),
      /** The second half of the accounts' names, `'name'@'<this>'`. */
      accountHost: z
        .string()
        .min(1)
        .max(255)
        .regex(/^[A-Za-z0-9._:%/-]+$/)
        .default('%'),
      /** How accounts sign in after a rotation. */
      authentication: z.enum(['ed25519', 'caching_sha2_password', 'mysql_native_password']),
      /** `standing`: the rotator sets hashes by its one procedure. `self`: an account changes its own (MariaDB). */
      rotation: z.enum(['standing', 'self']).default('standing'),
      /** The rotator's own account; its password is the driver's secret and comes apart. */
      rotator: Name.default('halligan'),
      /** Milliseconds for one whole operation, connection included. */
      timeout: z.int().min(100).max(120_000).default(10_000),
    })
    .refine(
      ({ server, authentication }) =>
        authentication === 'mysql_native_password' ||
        authentication === (server === 'mariadb' ? 'ed25519' : 'caching_sha2_password'),
      { path: ['authentication'] },
    )
    // An account of MySQL changes its own only by a statement with the password in it.
    .refine(({ server, rotation }) => server === 'mariadb' || rotation === 'standing', {
      path: ['rotation'],
    })
    .readonly(),
);

export type MysqlConfig = z.infer<typeof MysqlConfig>;
