import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { largeFiles, nameBeside, namedTexts } from '@halligan/evidence';
import { HalliganError } from '@halligan/format';
import type { Context } from '../commands.ts';
import { fetchFile } from '../emergency/fetch-file.ts';
import { look } from '../emergency/find.ts';

/** What was written: the pack, and the folder of its large files where there are any. */
export interface WrittenPack {
  readonly pack: string;
  readonly files?: string;
}

/**
 * Fetches the pack of an emergency, and beside it the large files that no pack holds: `record.zip`, `record.files/`.
 * @throws `cli.file` where one exists already, `cli.other-text` where the server sends another file than was signed
 */
export async function writePack(context: Context, id: string, out: string): Promise<WrittenPack> {
  const device = await context.device();
  const { emergency, proven } = await look(device, id);
  const pack = await device.api.bytes('GET', `/v1/emergencies/${emergency.id}/evidence`);
  await context.writeFile(out, pack);
  const named = new Set(namedTexts(emergency, proven.groups));
  const large = [...largeFiles(proven.groups).keys()].filter((digest) => named.has(digest));
  if (large.length === 0 || emergency.keeping?.erasure?.done !== undefined) return { pack: out };
  const files = `${out.replace(/\.zip$/i, '')}.files`;
  await makeFolder(files);
  for (const digest of large) {
    const { plain } = await fetchFile(device, emergency, proven.groups, digest);
    await context.writeFile(join(files, nameBeside(digest)), plain);
  }
  return { pack: out, files };
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (cause) {
    throw new HalliganError(
      'cli.file',
      `${path} cannot be made, for the large files of the record.`,
      'It may exist already: nothing is overwritten. Choose another --out.',
      { cause },
    );
  }
}

/** What a person reads, with the command that comes next. */
export function linesOfPack({ pack, files }: WrittenPack): string {
  return files === undefined
    ? `Written: ${pack}. Verify it: halligan verify ${pack}`
    : `Written: ${pack}, and its large files: ${files}. Verify them: halligan verify ${pack} --files ${files}`;
}
