import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { base64, canonicalBytes, HalliganError, type Json } from '@halligan/format';
import { writeFileDurably } from '@halligan/journal';
import type { State } from '@halligan/procedure';
import { configDigest, parseSystemConfig, type SystemConfig } from '@halligan/systems';
import { z } from 'zod';
import { jsonOf, type ServerHome } from './home.ts';

/** How to reach a system, and its driver's credential, which is encrypted to the rotator: the server cannot read it. */
export interface SystemFiles {
  readonly config: SystemConfig;
  /** Base64 of an age file; null where the driver needs none. */
  readonly secret: string | null;
}

/** That these are the settings that admins signed for, and no others. @throws `server.driver` */
export function requireRecorded(state: State, system: string, config: SystemConfig): void {
  // The rules know by `by_hand` that no program is to try: it must say what the settings say.
  const isSaid = (state.byHand?.[system] === true) === (config.driver === 'manual');
  if (state.drivers[system] === configDigest(config) && isSaid) return;
  throw otherSettings(system);
}

/**
 * That these are the settings on the record, or those that one of these documents names. What is refused in the end
 * would have put its statements on the record all the same. @throws `server.driver`
 */
export function requireNamed(
  state: State,
  system: string,
  config: SystemConfig,
  documents: readonly unknown[],
): void {
  const digest = configDigest(config);
  const named = z.looseObject({
    add: z.literal('driver'),
    id: z.literal(system),
    config: z.literal(digest),
  });
  const isNamed = documents.some((one) => named.safeParse(one).success);
  if (!isNamed && state.drivers[system] !== digest) throw otherSettings(system);
}

function otherSettings(system: string): HalliganError {
  return new HalliganError(
    'server.driver',
    `These settings are not the ones on the record for “${system}”.`,
    'Admins sign for them first: halligan system add, or halligan system driver.',
  );
}

/** Stores the settings and the driver's credential of a system. */
export async function writeSystem(
  home: ServerHome,
  id: string,
  config: SystemConfig,
  secret: Uint8Array | undefined,
): Promise<void> {
  await writeFileDurably(
    join(home.systems, `${id}.json`),
    canonicalBytes(config as unknown as Json),
  );
  if (secret !== undefined) await writeFileDurably(join(home.systems, `${id}.secret.age`), secret);
}

/** @throws `server.system-config` where the server does not know how to reach it */
export async function readSystem(home: ServerHome, id: string): Promise<SystemFiles> {
  const path = join(home.systems, `${id}.json`);
  if (!existsSync(path))
    throw new HalliganError(
      'server.system-config',
      `The server does not know how to reach “${id}”.`,
      'Give it a driver: halligan system add --driver-config FILE.',
    );
  const secret = join(home.systems, `${id}.secret.age`);
  return {
    config: parseSystemConfig(jsonOf(await readFile(path, 'utf8'))),
    secret: existsSync(secret) ? base64(await readFile(secret)) : null,
  };
}
