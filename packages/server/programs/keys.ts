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

/** A program's age identity and its signing key. Read by the program alone, and not before it is asked for what needs them. */
export interface ProgramKeys {
  readonly identity: string;
  readonly signing: SigningKey;
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

/** Remembers the last checkpoint that a program saw, what signed it, and which changes waited then. @returns its pins from now on */
export async function remember(
  folder: string,
  known: DevicePins,
  proven: ProvenState,
  watched: Watched,
): Promise<DevicePins> {
  const pins = { ...pinsAfter(known, proven), watched };
  const { organisation, origin, logKey, genesis, seen, log } = pins;
  await writeJson(join(folder, 'pins.json'), {
    organisation,
    origin,
    logKey,
    genesis,
    seen: { ...seen },
    watched: { roster: watched.roster, changes: { ...watched.changes } },
    ...(log === undefined ? {} : { log: { ...log } }),
  });
  return pins;
}

/** What a program pins. @throws `server.program-keys` */
export function readProgramPins(folder: string): Promise<DevicePins> {
  return reading(folder, async () =>
    pinsSchema.parse(jsonOf(await readFile(join(folder, 'pins.json'), 'utf8'))),
  );
}

/** Reads a program's keys. @throws `server.program-keys` */
export function readProgramKeys(folder: string): Promise<ProgramKeys> {
  return reading(folder, async () => {
    const identity = utf8Text(await readFile(join(folder, 'identity.key'))).trim();
    const signing = await parsePrivateKey(await readFile(join(folder, 'signing.key')));
    return { identity, signing };
  });
}

async function reading<T>(folder: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
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
