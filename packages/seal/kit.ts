import {
  canonicalBytes,
  HalliganError,
  openContainer,
  packContainer,
  parseCanonical,
} from '@halligan/format';
import { z } from 'zod';
import { decryptWith, encryptTo } from './age.ts';
import { unknownVersion } from './credential.ts';
import { kindOfIdentity, kindOfRecipient, requireOneKind } from './identity.ts';
import { ID } from './paths.ts';

const VERSION = 'halligan/kit/v1';
const ABOUT = 'kit.json';
/** Most bytes of a kit: ten thousand seals, and the recipients' stanzas. */
const MAX_KIT = 256 << 20;

/** Everything that is needed when the server is gone. */
export interface Kit {
  readonly organisation: string;
  /** When it was packed, RFC 3339 in UTC. */
  readonly createdAt: string;
  /** roster.json, policy.json, inventory.json, checkpoint.txt, runbook.md, seals/<account>/<version>/… */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** A kit that was opened, with the digest of its manifest, which names every byte in it. */
export interface OpenedKit extends Kit {
  readonly digest: string;
}

const AboutSchema = z
  .strictObject({
    v: z.literal(VERSION),
    organisation: z.string().regex(ID),
    created: z.iso.datetime(),
  })
  .readonly();

/**
 * Packs a kit, a container of its files and `kit.json`, and encrypts it to every custodian and executive: what is
 * on a memory stick or in a bucket tells its finder how many people can read it and nothing more. The seals in
 * it still need their quorums.
 * @param recipients of one kind, one or more; doubles count once
 * @throws `seal.kit`, `seal.recipient`, `seal.mixed-recipients`, and what `packContainer` throws
 */
export async function writeKit(kit: Kit, recipients: readonly string[]): Promise<Uint8Array> {
  const [first] = recipients;
  if (first === undefined) throw notAKit('it has no recipients, so nobody could open it');
  requireOneKind(recipients, kindOfRecipient(first));
  if (kit.files.has(ABOUT)) throw notAKit(`${ABOUT} is written by the kit itself`);
  const about = { v: VERSION, organisation: kit.organisation, created: kit.createdAt };
  if (!AboutSchema.safeParse(about).success) throw notAKit('its organisation or instant is none');
  const files = new Map([...kit.files, [ABOUT, canonicalBytes(about)]]);
  return encryptTo([...new Set(recipients)], packContainer('kit', files));
}

/**
 * Opens a kit and checks all of it. It says nothing of who packed it: roster, policy and seals are checked
 * against what the device has pinned.
 * @throws `seal.wrong-key`, `seal.damaged`, `seal.too-large`, `seal.version`, `seal.kit`, and what `openContainer` throws
 */
export async function readKit(bytes: Uint8Array, identity: string): Promise<OpenedKit> {
  kindOfIdentity(identity);
  const plaintext = await decryptWith(identity, bytes, 'This kit', MAX_KIT);
  const { files, digest } = openContainer('kit', plaintext);
  const about = files.get(ABOUT);
  if (about === undefined) throw notAKit(`${ABOUT} is missing`);
  const { organisation, created } = readAbout(about);
  const rest = new Map([...files].filter(([name]) => name !== ABOUT));
  return { organisation, createdAt: created, files: rest, digest };
}

function readAbout(bytes: Uint8Array): z.infer<typeof AboutSchema> {
  const json = parseCanonical(bytes);
  const version = z.looseObject({ v: z.string() }).safeParse(json);
  if (version.success && version.data.v !== VERSION) throw unknownVersion('This kit', VERSION);
  const about = AboutSchema.safeParse(json);
  if (!about.success) throw notAKit(`${ABOUT} has another shape`);
  return about.data;
}

function notAKit(why: string): HalliganError {
  return new HalliganError(
    'seal.kit',
    `This kit is refused: ${why}.`,
    'Use another copy of the kit, or let the server write a new one.',
  );
}
