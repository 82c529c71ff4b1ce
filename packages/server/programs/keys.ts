import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DevicePins, type ProvenState, pinsAfter } from '@halligan/evidence';
import { HalliganError, hex, utf8, utf8Text } from '@halligan/format';
import { makeFolder, writeFileDurably } from '@halligan/journal';
import type { Watched } from '@halligan/procedure';
import { generateIdentity, type RecipientKind, recipientOf } from '@halligan/seal';
import {
  formatPrivateKey,
  generateSigningKey,
  type Member,
  parsePrivateKey,
  type SigningKey,
  signRecipient,
} from '@halligan/statement';
import { emptyRoot } from '@halligan/tlog';
import { z } from 'zod';
import { jsonOf, writeJson } from '../home.ts';

/** What a program of ours holds: its age identity, its signing key, and what it pins. Read by the program alone. */
export interface ProgramKeys {
  readonly identity: string;
  readonly signing: SigningKey;
  readonly pins: DevicePins;
}

const pinsSchema = z.strictObject({
  organisation: z.string(),
  origin: z.string(),
  logKey: z.string(),
  genesis: z.string(),
  seen: z.strictObject({ size: z.int().min(0), root: z.string() }),
  watched: z
    .strictObject({ roster: z.int().min(0), changes: z.record(z.string(), z.string()) })
    .optional(),
  log: z.strictObject({ origin: z.string(), logKey: z.string() }).exactOptional(),
});

/** Makes a program's keys in a folder and gives what the roster needs of it. */
export async function makeProgram(
  folder: string,
  id: 'releaser' | 'rotator',
  kind: RecipientKind,
): Promise<Member> {
  makeFolder(folder);
  const identity = generateIdentity(kind);
  const signing = await generateSigningKey();
  await writeFileDurably(join(folder, 'identity.key'), utf8(`${identity}\n`));
  await writeFileDurably(join(folder, 'signing.key'), formatPrivateKey(signing, id));
  const recipient = await recipientOf(identity);
  return {
    id,
    kind: 'program',
    signing: [signing.publicKey],
    recipient,
    recipientSignature: await signRecipient(id, recipient, signing),
    roles: [],
  };
}

/** Pins a program to an organisation, once its genesis exists. */
export async function pinProgram(
  folder: string,
  pins: Omit<DevicePins, 'seen' | 'watched'>,
): Promise<void> {
  await writeJson(join(folder, 'pins.json'), {
    ...pins,
    seen: { size: 0, root: hex(emptyRoot()) },
  });
}

/** Remembers the last checkpoint that a program saw, what signed it, and which changes waited then. */
export async function remember(
  folder: string,
  known: DevicePins,
  proven: ProvenState,
  watched: Watched,
): Promise<void> {
  const { organisation, origin, logKey, genesis, seen, log } = pinsAfter(known, proven);
  await writeJson(join(folder, 'pins.json'), {
    organisation,
    origin,
    logKey,
    genesis,
    seen: { ...seen },
    watched: { roster: watched.roster, changes: { ...watched.changes } },
    ...(log === undefined ? {} : { log: { ...log } }),
  });
}

/** Reads a program's keys. @throws `server.program-keys` */
export async function readProgramKeys(folder: string): Promise<ProgramKeys> {
  try {
    const pins = pinsSchema.parse(jsonOf(await readFile(join(folder, 'pins.json'), 'utf8')));
    const identity = utf8Text(await readFile(join(folder, 'identity.key'))).trim();
    const signing = await parsePrivateKey(await readFile(join(folder, 'signing.key')));
    return { identity, signing, pins };
  } catch (cause) {
    // The cause may quote a key: it is dropped on purpose, only its kind is kept.
    const code = cause instanceof HalliganError ? cause.code : 'unreadable';
    throw new HalliganError(
      'server.program-keys',
      `The keys in ${folder} cannot be read (${code}).`,
      'Restore them from a backup; see docs/guides.',
    );
  }
}
