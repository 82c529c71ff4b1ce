import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FilesBeside } from '@halligan/evidence';
import { HalliganError } from '@halligan/format';

/**
 * Large files by their hash, whatever they are called: every file that is named, and every one in a folder that is
 * named. Each is hashed as a stream; only what a record asks for is read whole.
 * @throws `cli.file` where a path cannot be read
 */
export async function filesBeside(paths: readonly string[]): Promise<FilesBeside> {
  const byHash = new Map<string, string>();
  for (const path of paths)
    for (const file of await filesAt(path)) byHash.set(await hashOf(file), file);
  return async (digest) => {
    const path = byHash.get(digest);
    return path === undefined ? undefined : new Uint8Array(await readFile(path));
  };
}

async function filesAt(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((one) => one.isFile()).map(({ name }) => join(path, name));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  return hash.digest('hex');
}

function unreadable(path: string, cause: unknown): HalliganError {
  return new HalliganError(
    'cli.file',
    `${path} cannot be read.`,
    'Give --files the folder or files that came with the pack.',
    { cause },
  );
}
