import { HalliganError } from '@halligan/format';
import { withBitwarden } from '../bitwarden/vault.ts';
import type { Shortcoming } from '../driver.ts';
import { withConnect } from '../onepassword/vault.ts';
import { withOpenbao } from '../openbao/entries.ts';
import { foreign, isSame, noEntry, requireId, type StoredEntry, type VaultEntry } from './entry.ts';
import { entryPath, type VaultStore } from './settings.ts';

/** How a store is kept, and each thing that is wrong with it. */
export interface StoreLook {
  /** `kept`: as strict as this kind of vault can be, and nothing more in reach of the writer than it needs. */
  readonly rules: 'kept' | 'loose';
  /** Whether the vault writes down what is read; `unknown` where it does not tell the writer. */
  readonly audit: 'on' | 'off' | 'unknown';
  readonly shortcomings: readonly Shortcoming[];
}

/** A vault while somebody is signed in to it: what every kind of vault does with entries. */
export interface OpenVault {
  /** @returns undefined where there is none. @throws `systems.vault-foreign` */
  read(system: string): Promise<StoredEntry | undefined>;
  /**
   * Writes over `before` alone, and reads back what lies there now.
   * @throws `systems.vault-changed` where something else lies there
   */
  write(entry: VaultEntry, before: StoredEntry | undefined): Promise<StoredEntry>;
  /** Changes nothing. */
  look(): Promise<StoreLook>;
}

/** What came of keeping an entry, for the record. */
export interface KeptEntry extends Pick<StoreLook, 'rules' | 'audit'> {
  /** What keeps it; left out: OpenBao or Vault. */
  readonly kind?: Exclude<VaultStore['kind'], 'openbao'>;
  /** Where it lies, such as `secret/break-glass/dc`. */
  readonly entry: string;
  /** Its version in the vault. */
  readonly version: number;
  /** The request that read it back, as the vault's audit log names it. */
  readonly request: string;
}

/** Signs in for one operation and out again, whatever came of it. @throws `systems.rotator-rejected`, and what the work throws */
function inside<T>(
  store: VaultStore,
  secret: Uint8Array,
  work: (vault: OpenVault) => Promise<T>,
): Promise<T> {
  switch (store.kind) {
    case 'openbao':
      return withOpenbao(store, secret, work);
    case 'onepassword':
      return withConnect(store, secret, work);
    case 'bitwarden':
      return withBitwarden(store, secret, work);
  }
}

/**
 * Keeps an entry: written only over the version that was read just before, read back as a person would, and compared.
 * An entry that says the same already is left as it is. Then the rules and the audit are looked at.
 * @param secret the writer’s own credential in the vault
 * @throws `systems.vault-changed`, `systems.vault-foreign` where something that is no entry of this organisation lies
 * there, `systems.vault-differs` where it does not give back what it was given, `systems.vault-name` where no vault has
 * the name that people look for, and as the vault’s line
 */
export async function keepEntry(
  store: VaultStore,
  secret: Uint8Array,
  entry: VaultEntry,
): Promise<KeptEntry> {
  return inside(store, secret, async (vault) => {
    const before = await vault.read(entry.system);
    if (before !== undefined && before.entry.organisation !== entry.organisation) throw foreign();
    const same = before !== undefined && isSame(before.entry, entry);
    const now = same ? before : await vault.write(entry, before);
    if (!isSame(now.entry, entry))
      throw new HalliganError(
        'systems.vault-differs',
        'The vault does not give back what it was given.',
        'Look at its audit log: somebody else may write there.',
      );
    const look = await vault.look();
    return {
      ...(store.kind === 'openbao' ? {} : { kind: store.kind }),
      entry: entryPath(store, entry.system),
      version: now.version,
      request: now.request,
      rules: look.rules,
      audit: look.audit,
    };
  });
}

/** As a person who may read: the entry as the vault has it. @throws `systems.vault-entry` where there is none */
export async function fetchEntry(
  store: VaultStore,
  secret: Uint8Array,
  system: string,
): Promise<StoredEntry> {
  requireId(system);
  const stored = await inside(store, secret, (vault) => vault.read(system));
  if (stored === undefined) throw noEntry(entryPath(store, system));
  return stored;
}

/** As the writer: what a store lacks, before it is relied on. */
export async function checkStore(
  store: VaultStore,
  secret: Uint8Array,
): Promise<readonly Shortcoming[]> {
  return inside(store, secret, async (vault) => (await vault.look()).shortcomings);
}
