import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sameBytes } from '@halligan/format';
import { writeFileDurably } from '@halligan/journal';
import type { KitPlace } from '@halligan/procedure';
import type { ServerSettings } from '../home.ts';
import type { Log } from '../log/log.ts';
import { writeToGit } from './git.ts';

/** A place as the server's settings have it. */
type Place = ServerSettings['kitPlaces'][number];

/**
 * Writes a kit to every configured place and reads it back: a place acknowledges by giving back the same bytes. What
 * a place is said to be, off the server, offline or free of the identity provider, is the admin's word.
 * @returns the places that acknowledged
 */
export async function writeToPlaces(
  places: readonly Place[],
  file: string,
  bytes: Uint8Array,
  log: Log,
): Promise<readonly KitPlace[]> {
  const acknowledged: KitPlace[] = [];
  for (const place of places) {
    try {
      if (sameBytes(await writeTo(place, file, bytes), bytes)) acknowledged.push(claimsOf(place));
    } catch {
      log('error', 'kit', 'a place could not be written', { place: place.name });
    }
  }
  return acknowledged;
}

async function writeTo(place: Place, file: string, bytes: Uint8Array): Promise<Uint8Array> {
  if (place.git === true) return writeToGit(place.folder, file, bytes);
  await mkdir(place.folder, { recursive: true, mode: 0o700 });
  const path = join(place.folder, file);
  await writeFileDurably(path, bytes);
  return readFile(path);
}

function claimsOf({ name, offServer, offline, idpFree }: Place): KitPlace {
  return {
    name,
    offServer,
    ...(offline === undefined ? {} : { offline }),
    ...(idpFree === undefined ? {} : { idpFree }),
  };
}
