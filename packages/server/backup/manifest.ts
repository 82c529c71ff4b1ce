import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { canonicalBytes, digestOf, HalliganError, ID, type Json } from '@halligan/format';
import { writeFileDurably } from '@halligan/journal';
import { z } from 'zod';
import { jsonOf } from '../home.ts';

const VERSION = 'halligan/backup/v1';
const MANIFEST = 'backup.json';

const schema = z.strictObject({
  v: z.literal(VERSION),
  organisation: z.string().regex(ID),
  origin: z.string().max(255),
  created: z.iso.datetime(),
  /** The layout of the data in it; see `data-version.ts`. */
  data: z.int().min(1),
  /** The program that made it. */
  program: z.string().max(50),
  /** The log's last checkpoint that is in it. */
  journal: z.strictObject({
    size: z.int().min(0),
    root: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  /** Digest of the seal that its keys open to. */
  seal: z.string().regex(/^[0-9a-f]{64}$/),
  files: z
    .array(
      z.strictObject({
        name: z.string().max(4096),
        size: z.int().min(0),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(2_000_000),
});

/** What a backup is of, and every byte of it by digest. */
export type BackupManifest = z.infer<typeof schema>;

/** Digest of a manifest: names a whole backup. */
export function backupDigest(manifest: BackupManifest): string {
  return digestOf(manifest as unknown as Json);
}

/** Lists what lies in a backup's folder, and writes the manifest last: a backup without one is not whole. */
export async function writeManifest(
  folder: string,
  facts: Omit<BackupManifest, 'v' | 'files'>,
): Promise<BackupManifest> {
  const files = [];
  for (const name of await filesIn(folder))
    files.push({ name, ...(await measured(join(folder, name))) });
  const manifest: BackupManifest = { v: VERSION, ...facts, files };
  await writeFileDurably(join(folder, MANIFEST), canonicalBytes(manifest as unknown as Json));
  return manifest;
}

/**
 * Reads a backup's manifest and checks every file against it.
 * @throws `backup.none`, `backup.version`, `backup.damaged` naming the file
 */
export async function readManifest(folder: string): Promise<BackupManifest> {
  const manifest = await manifestIn(folder);
  const found = await filesIn(folder);
  const listed = new Map(manifest.files.map((file) => [file.name, file]));
  const stranger = found.find((name) => !listed.has(name));
  if (stranger !== undefined) throw damaged(stranger, 'is not part of it');
  for (const [name, { size, sha256 }] of listed) {
    if (!found.includes(name)) throw damaged(name, 'is missing');
    const actual = await measured(join(folder, name));
    if (actual.size !== size || actual.sha256 !== sha256) throw damaged(name, 'has changed');
  }
  return manifest;
}

async function manifestIn(folder: string): Promise<BackupManifest> {
  let json: unknown;
  try {
    json = jsonOf(await readFile(join(folder, MANIFEST), 'utf8'));
  } catch (cause) {
    throw new HalliganError(
      'backup.none',
      `There is no whole backup in ${folder}.`,
      'Name the folder that halligan backup create wrote; one without backup.json was cut short.',
      { cause },
    );
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const known = z.object({ v: z.literal(VERSION) }).safeParse(json).success;
  throw new HalliganError(
    known ? 'backup.damaged' : 'backup.version',
    known
      ? `This backup’s ${MANIFEST} is not valid at ${parsed.error.issues[0]?.path.join('.') || 'the document'}.`
      : `This backup is not of the version that this program knows (${VERSION}).`,
    known
      ? 'Take another copy.'
      : 'Restore it with the release of Halligan that made it, or a newer one.',
  );
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => name !== MANIFEST)
    .sort();
}

async function measured(path: string): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return { size: (await stat(path)).size, sha256: hash.digest('hex') };
}

function damaged(name: string, how: string): HalliganError {
  return new HalliganError(
    'backup.damaged',
    `The file ${JSON.stringify(name.slice(0, 200))} of this backup ${how}.`,
    'Take another copy of the backup, or an older one.',
  );
}
