import { HalliganError, type Json, parseCanonical } from '@halligan/format';
import { z } from 'zod';
import { damaged } from './age.ts';
import { unknownVersion } from './credential.ts';
import { kindOfRecipient } from './identity.ts';
import { checkPaths, ID, placesOf, type SharePlace } from './paths.ts';

export const SEAL_VERSION = 'halligan/seal/v1';
export const HEADER_FILE = 'seal.json';
export const CREDENTIAL_FILE = 'credential.age';
/** Most bytes of seal.json. */
export const MAX_HEADER = 1 << 20;
/** Most shares of a seal: their commitments and digests stay far below {@link MAX_HEADER}. */
const MAX_SHARES = 1024;

const id = z.string().regex(ID);
/** SHA-256 as lower-case hexadecimal. */
const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** What a sealer says about a seal, before anything is made. */
export const SealFactsSchema = z.strictObject({
  organisation: id,
  account: id,
  /** Counts the account's credentials, from 1. */
  version: z.int().min(1),
  /** When it was sealed, RFC 3339 in UTC. */
  created: z.iso.datetime(),
  /** Digest of the policy in force. */
  policy: digest,
  /** Digest of the roster in force. */
  roster: digest,
  paths: z
    .array(
      z
        .strictObject({
          name: id,
          groups: z
            .array(
              z
                .strictObject({ name: id, need: z.int(), holders: z.array(id).readonly() })
                .readonly(),
            )
            .readonly(),
        })
        .readonly(),
    )
    .readonly(),
});

const SealHeaderSchema = z
  .strictObject({
    ...SealFactsSchema.shape,
    v: z.literal(SEAL_VERSION),
    /** 128 random bits, hexadecimal. */
    id: z.string().regex(/^[0-9a-f]{32}$/),
    /** The age recipient that the credential is encrypted to; its identity is what the shares carry. */
    recipient: z.string(),
    /** One entry a share, in the order of the paths, groups and holders. */
    shares: z
      .array(
        z
          .strictObject({
            path: id,
            group: id,
            holder: id,
            /** SHA-256 of the share's plaintext. */
            commitment: digest,
          })
          .readonly(),
      )
      .max(MAX_SHARES)
      .readonly(),
    /** SHA-256 of every other file of the seal, by its name. */
    digests: z.record(z.string(), digest).readonly(),
  })
  .readonly();

/** seal.json: everything about a seal that is public. */
export type SealHeader = z.infer<typeof SealHeaderSchema>;

/** The file of a share within its seal. */
export function shareFile({ path, group, holder }: SharePlace): string {
  return `shares/${path}/${group}/${holder}.age`;
}

/** The commitment of a share, or undefined where the seal has no such share. */
export function commitmentOf(header: SealHeader, place: SharePlace): string | undefined {
  return header.shares.find((share) => samePlace(share, place))?.commitment;
}

export function samePlace(a: SharePlace, b: SharePlace): boolean {
  return a.path === b.path && a.group === b.group && a.holder === b.holder;
}

/**
 * Reads seal.json, strictly: known version, no unknown members, sound paths, and shares and digests of exactly
 * the files that its paths make.
 * @throws `seal.version`, `seal.damaged`
 */
export function parseHeader(bytes: Uint8Array): SealHeader {
  const json = canonical(bytes);
  const version = z.looseObject({ v: z.string() }).safeParse(json);
  if (version.success && version.data.v !== SEAL_VERSION) {
    throw unknownVersion('This seal', SEAL_VERSION);
  }
  const parsed = SealHeaderSchema.safeParse(json);
  if (!parsed.success) throw damaged(HEADER_FILE, 'it has another shape than a seal', parsed.error);
  const header = parsed.data;
  try {
    checkPaths(header.paths);
    kindOfRecipient(header.recipient);
  } catch (cause) {
    if (!(cause instanceof HalliganError)) throw cause;
    throw damaged(HEADER_FILE, `it contradicts itself (${cause.message})`, cause);
  }
  checkLists(header);
  return header;
}

function checkLists(header: SealHeader): void {
  const places = placesOf(header.paths);
  const sharesFit =
    places.length === header.shares.length &&
    header.shares.every((share, at) => samePlace(share, places[at] ?? share));
  if (!sharesFit) throw damaged(HEADER_FILE, 'its shares are not those of its paths');
  const files = [CREDENTIAL_FILE, ...places.map(shareFile)].sort();
  const listed = Object.keys(header.digests).sort();
  if (files.join('\n') !== listed.join('\n')) {
    throw damaged(HEADER_FILE, 'its digests are not those of its files');
  }
}

function canonical(bytes: Uint8Array): Json {
  try {
    return parseCanonical(bytes, MAX_HEADER);
  } catch (cause) {
    throw damaged(HEADER_FILE, 'it is not canonical JSON', cause);
  }
}
