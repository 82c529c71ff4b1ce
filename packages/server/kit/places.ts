import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError, type Json, sameBytes } from '@halligan/format';
import { makeFolder, writeFileDurably } from '@halligan/journal';
import type { KitPlace } from '@halligan/procedure';
import type { VaultEntry } from '@halligan/systems';
import type { ServerSettings } from '../home.ts';
import type { Log } from '../log/log.ts';
import { writeToGit } from './git.ts';
import { type KeptInVault, keepInVault } from './vault-place.ts';

/** A place as the server's settings have it. */
type Place = ServerSettings['kitPlaces'][number];

/** A place that acknowledged; a vault says what it keeps of each system. */
export type Acknowledged = Omit<KitPlace, 'vault'> & { readonly vault?: KeptInVault };

/** What is to be kept: the kit, and for vaults the seals of each system. */
export interface Kept {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly entries: readonly VaultEntry[];
}

/**
 * Writes a kit to every configured place and reads it back: a place acknowledges by giving back the same bytes; a vault,
 * by giving back the same seals. What a place is said to be, off the server, offline or free of the identity provider, is
 * the admin's word.
 * @returns the places that acknowledged
 */
export async function writeToPlaces(
  places: readonly Place[],
  kept: Kept,
  log: Log,
): Promise<readonly Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  for (const place of places) {
    try {
      if (place.vault === true)
        acknowledged.push({
          ...claimsOf(place),
          vault: await keepInVault(place.folder, kept.entries),
        });
      else if (sameBytes(await writeTo(place, kept), kept.bytes))
        acknowledged.push(claimsOf(place));
    } catch (error) {
      const code = error instanceof HalliganError ? error.code : 'unknown';
      log('error', 'kit', 'a place could not be written', { place: place.name, code });
    }
  }
  return acknowledged;
}

async function writeTo(place: Place, { file, bytes }: Kept): Promise<Uint8Array> {
  if (place.git === true) return writeToGit(place.folder, file, bytes);
  makeFolder(place.folder);
  const path = join(place.folder, file);
  await writeFileDurably(path, bytes);
  return readFile(path);
}

/** The places as the record has them for an account of this system. */
export function placesFor(places: readonly Acknowledged[], system: string): readonly Json[] {
  return places.map(({ vault, ...place }) => {
    const kept = vault?.[system];
    return kept === undefined ? { ...place } : { ...place, vault: { ...kept } };
  });
}

function claimsOf({ name, offServer, offline, idpFree }: Place): Acknowledged {
  return {
    name,
    offServer,
    ...(offline === undefined ? {} : { offline }),
    ...(idpFree === undefined ? {} : { idpFree }),
  };
}
