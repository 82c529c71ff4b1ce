import { digestOf, HalliganError, type Json } from '@halligan/format';
import { z } from 'zod';
import { ActiveDirectoryConfig } from './active-directory/config.ts';
import { CommandConfig } from './declared/command-config.ts';
import { HttpConfig } from './declared/http-config.ts';
import { ManualConfig } from './manual/config.ts';
import { MysqlConfig } from './mysql/config.ts';
import { OpenbaoConfig } from './openbao/config.ts';
import { OpenldapConfig } from './openldap/config.ts';
import { PostgresqlConfig } from './postgresql/config.ts';
import { SshConfig } from './ssh/config.ts';

const PracticeConfig = z
  .strictObject({
    driver: z.literal('practice'),
    /** Absolute path of the folder that createPracticeSystem made. */
    folder: z.string().startsWith('/').max(4096),
  })
  .readonly();

/** By the name of its driver. Each is made when the first system of its kind is read. */
const CONFIGS = {
  practice: PracticeConfig,
  openldap: OpenldapConfig,
  'active-directory': ActiveDirectoryConfig,
  openbao: OpenbaoConfig,
  ssh: SshConfig,
  postgresql: PostgresqlConfig,
  http: HttpConfig,
  command: CommandConfig,
  mysql: MysqlConfig,
  manual: ManualConfig,
};

type DriverName = keyof typeof CONFIGS;

/** How to reach a system. Holds no secret: it is stored in the inventory and shown. */
export type SystemConfig = z.infer<(typeof CONFIGS)[DriverName]>;

const Named = z.looseObject({
  driver: z.custom<DriverName>((name) => typeof name === 'string' && Object.hasOwn(CONFIGS, name)),
});

/** Parses a system's configuration at the border. @throws `systems.config`, naming the fields that are wrong */
export function parseSystemConfig(value: unknown): SystemConfig {
  const named = Named.safeParse(value);
  const parsed = named.success ? CONFIGS[named.data.driver].safeParse(value) : named;
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => issue.path.join('.') || '(the whole)');
  throw new HalliganError(
    'systems.config',
    `The configuration of this system is not valid: ${[...new Set(wrong)].join(', ')}.`,
    'Correct these fields; docs/systems/ shows an example of every driver.',
  );
}

/** Whether an account is changed by its own present password alone, so that without it there is no rotation. */
export function changesItself(config: SystemConfig): boolean {
  return 'rotation' in config && config.rotation === 'self';
}

/** Whether even proving takes the rotator's right, since no other program reaches where the account signs in. */
export function provesByRight(config: SystemConfig): boolean {
  return config.driver === 'ssh' && config.signIn === 'console';
}

/** SHA-256 of the canonical settings, defaults written out: what admins sign for, and the record keeps. */
export function configDigest(config: SystemConfig): string {
  return digestOf(config as unknown as Json);
}
