import { type VaultAddress, vaultAddress } from '../openbao/line.ts';
import type { VaultStore } from './store-config.ts';

/** The entry's path as people type it. */
export function entryPath({ mount, path }: VaultStore, system: string): string {
  return `${mount}/${path}/${system}`;
}

/** As the engine's API has its content (KV version 2). */
export function dataPath({ mount, path }: VaultStore, system: string): string {
  return `${mount}/data/${path}/${system}`;
}

/** As the engine's API has its versions: who may delete here destroys every one. */
export function metadataPath({ mount, path }: VaultStore, system: string): string {
  return `${mount}/metadata/${path}/${system}`;
}

export function storeAddress({ url, ca, timeout }: VaultStore): VaultAddress {
  return vaultAddress(url, ca, timeout);
}
