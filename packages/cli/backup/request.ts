import {
  base64,
  canonicalBytes,
  digestOf,
  fromBase64,
  HalliganError,
  ID,
  type Json,
  utf8Text,
} from '@halligan/format';
import {
  checkWords,
  generateIdentity,
  kindOfRecipient,
  openReleased,
  openShare,
  packSeal,
  recipientOf,
  recoverCredential,
  reencryptShare,
  type Seal,
  unpackSeal,
} from '@halligan/seal';
import { z } from 'zod';
import { jsonOf, type PersonHome, type PersonKeys } from '../person-home.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const id = z.string().regex(ID);

/** Asks holders for their shares of a backup's keys. It carries the seal: holders need nothing else at hand. */
const requestSchema = z.strictObject({
  v: z.literal('halligan/backup-request/v1'),
  organisation: id,
  /** Who asks, by their own word: the check words are compared with them by voice. */
  by: id,
  /** Digest of the backup's manifest. */
  backup: digest,
  path: id,
  recipient: z.string().max(4096),
  seal: z.string().max(2 << 20),
});

const releaseSchema = z.strictObject({
  v: z.literal('halligan/backup-release/v1'),
  /** Digest of the request that it answers. */
  request: digest,
  path: id,
  group: id,
  holder: id,
  ciphertext: z.string().max(65_536),
});

export type BackupRequest = z.infer<typeof requestSchema>;
export type BackupRelease = z.infer<typeof releaseSchema>;

/** Makes a request with a one-time recipient, whose identity stays on this device behind the person's own key. */
export async function requestKeys(
  home: PersonHome,
  { identity }: PersonKeys,
  seal: Seal,
  { backup, path }: { readonly backup: string; readonly path: string },
): Promise<BackupRequest> {
  if (!seal.header.paths.some(({ name }) => name === path))
    throw new HalliganError(
      'backup.path',
      `This backup’s keys do not open by the path “${path}”.`,
      `Its paths: ${seal.header.paths.map(({ name }) => name).join(', ')}.`,
    );
  const oneTime = generateIdentity(kindOfRecipient(seal.header.recipient));
  const recipient = await recipientOf(oneTime);
  await home.keepOneTime(recipient, oneTime, await recipientOf(identity));
  return {
    v: 'halligan/backup-request/v1',
    organisation: seal.header.organisation,
    by: home.facts.person,
    backup,
    path,
    recipient,
    seal: base64(packSeal(seal)),
  };
}

/** The words by which requester and holder make sure, by voice, that they look at the same request. */
export function requestWords(request: BackupRequest): Promise<readonly string[]> {
  return checkWords(canonicalBytes(request as unknown as Json));
}

/**
 * A holder's shares of the path, encrypted to the request's one-time recipient.
 * @throws `backup.not-holder`, what `openShare` throws
 */
export async function releaseKeys(
  request: BackupRequest,
  person: string,
  { identity }: PersonKeys,
): Promise<readonly BackupRelease[]> {
  const seal = unpackSeal(fromBase64(request.seal));
  const groups = seal.header.paths
    .filter(({ name }) => name === request.path)
    .flatMap(({ groups: all }) => all)
    .filter(({ holders }) => holders.includes(person));
  if (groups.length === 0)
    throw new HalliganError(
      'backup.not-holder',
      'You hold no share of this path.',
      'Ask a holder of the path’s groups.',
    );
  const releases: BackupRelease[] = [];
  for (const { name: group } of groups) {
    const place = { path: request.path, group, holder: person };
    const plaintext = await openShare({ ...place, seal, identity });
    const ciphertext = await reencryptShare(plaintext, request.recipient);
    plaintext.fill(0);
    releases.push({
      v: 'halligan/backup-release/v1',
      request: digestOf(request as unknown as Json),
      ...place,
      ciphertext: base64(ciphertext),
    });
  }
  return releases;
}

/**
 * The credential that opens a backup's keys, from the releases of one path.
 * @throws `backup.other-request`, `seal.false-share`, `seal.too-few`, `cli.no-one-time`
 */
export async function openKeys(
  home: PersonHome,
  { identity }: PersonKeys,
  request: BackupRequest,
  releases: readonly BackupRelease[],
): Promise<Uint8Array> {
  const seal = unpackSeal(fromBase64(request.seal));
  const oneTime = await home.oneTime(request.recipient, identity);
  const asked = digestOf(request as unknown as Json);
  const shares: Uint8Array[] = [];
  for (const release of releases) {
    if (release.request !== asked)
      throw new HalliganError(
        'backup.other-request',
        `What ${release.holder} released is for another request.`,
        'Give them this request, and take their new file.',
      );
    const { path, group, holder } = release;
    const ciphertext = fromBase64(release.ciphertext);
    shares.push(await openReleased(ciphertext, oneTime, seal.header, { path, group, holder }));
  }
  try {
    return await recoverCredential({ seal, path: request.path, shares });
  } finally {
    for (const share of shares) share.fill(0);
  }
}

/** Reads a request that came as a file; anybody may have written it. @throws `cli.backup-request` */
export function readRequest(bytes: Uint8Array): BackupRequest {
  const parsed = requestSchema.safeParse(jsonOf(utf8Text(bytes)));
  if (parsed.success) return parsed.data;
  throw new HalliganError(
    'cli.backup-request',
    'This is not a request for a backup’s keys.',
    'Make one: halligan backup request FOLDER --out FILE.',
  );
}

/** Reads a holder's file: a list, since one person may hold shares in two groups. @throws `cli.backup-release` */
export function readReleases(bytes: Uint8Array): readonly BackupRelease[] {
  const parsed = z
    .array(releaseSchema)
    .min(1)
    .max(16)
    .safeParse(jsonOf(utf8Text(bytes)));
  if (parsed.success) return parsed.data;
  throw new HalliganError(
    'cli.backup-release',
    'This is not a holder’s release for a backup’s keys.',
    'The holder makes it on their own device: halligan backup release REQUEST --out FILE.',
  );
}
