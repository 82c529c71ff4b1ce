import { digestOf, HalliganError, type Json } from '@halligan/format';
import { type Document, parseDocument } from 'yaml';
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

/** How to reach a system. Holds no secret: it is stored in the inventory and shown. */
const SystemConfig = z.discriminatedUnion('driver', [
  PracticeConfig,
  OpenldapConfig,
  ActiveDirectoryConfig,
  OpenbaoConfig,
  SshConfig,
  PostgresqlConfig,
  HttpConfig,
  CommandConfig,
  MysqlConfig,
  ManualConfig,
]);

export type SystemConfig = z.infer<typeof SystemConfig>;

/** Parses a system's configuration at the border. @throws `systems.config`, naming the fields that are wrong */
export function parseSystemConfig(value: unknown): SystemConfig {
  const parsed = SystemConfig.safeParse(value);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => issue.path.join('.') || '(the whole)');
  throw new HalliganError(
    'systems.config',
    `The configuration of this system is not valid: ${[...new Set(wrong)].join(', ')}.`,
    'Correct these fields; docs/systems/ shows an example of every driver.',
  );
}

/** Characters of the settings of a system: certificates included. */
const MOST_TEXT = 262_144;

/** Reads settings as people write them, in YAML or JSON. @throws `systems.config`, with the line where it is neither */
export function readSystemConfig(text: string): SystemConfig {
  if (text.length > MOST_TEXT) throw unreadable(`are longer than ${MOST_TEXT} characters`);
  const document = parseDocument(text, { logLevel: 'silent' });
  const [broken] = document.errors;
  if (broken !== undefined)
    throw unreadable(`are no YAML or JSON at line ${broken.linePos?.[0].line ?? 1}`);
  return parseSystemConfig(plainOf(document));
}

/** @throws `systems.config` where the text has aliases: a few lines could grow to millions */
function plainOf(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    throw unreadable('have YAML aliases');
  }
}

function unreadable(what: string): HalliganError {
  return new HalliganError(
    'systems.config',
    `These settings ${what}.`,
    'Correct them; docs/systems/ shows an example of every driver.',
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
