import { type VaultAddress, vaultAddress } from '../openbao/line.ts';
import type { OpenbaoStore } from '../vault/settings.ts';

/** As the engine's API has its content (KV version 2). */
export function dataPath({ mount, path }: OpenbaoStore, system: string): string {
  return `${mount}/data/${path}/${system}`;
}

/** As the engine's API has its versions: who may delete here destroys every one. */
export function metadataPath({ mount, path }: OpenbaoStore, system: string): string {
  return `${mount}/metadata/${path}/${system}`;
}

export function storeAddress({ url, ca, timeout }: OpenbaoStore): VaultAddress {
  return vaultAddress(url, ca, timeout);
}
