import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sealedVersions } from '@halligan/evidence';
import { base64, HalliganError, utf8Text } from '@halligan/format';
import { packSeal } from '@halligan/seal';
import {
  type KeptEntry,
  keepEntry,
  parseVaultStore,
  secretOf,
  type VaultEntry,
} from '@halligan/systems';
import { jsonOf } from '../home.ts';
import type { ServerParts } from '../parts.ts';

/** What a vault place has acknowledged of each system, by its id. */
export type KeptInVault = Readonly<Record<string, KeptEntry>>;

/** The entries of every system that has sealed versions: ciphertext, each seal whole. @throws `seal.damaged`, `server.no-seal` */
export async function vaultEntriesOf({
  leader,
  seals,
}: Pick<ServerParts, 'leader' | 'seals'>): Promise<readonly VaultEntry[]> {
  const { state } = leader;
  const organisation = state.roster?.organisation ?? '';
  const entries = new Map<
    string,
    Record<string, { version: number; digest: string; seal: string }[]>
  >();
  for (const { account, version, digest } of sealedVersions(state)) {
    const system = state.accounts[account]?.document.system;
    if (system === undefined) continue;
    const accounts = entries.get(system) ?? {};
    const seal = base64(packSeal(await seals.get(account, version, digest)));
    accounts[account] = [...(accounts[account] ?? []), { version, digest, seal }];
    entries.set(system, accounts);
  }
  return [...entries].map(([system, accounts]) => ({
    v: 'halligan/vault-entry/v1',
    organisation,
    system,
    accounts,
  }));
}

/**
 * Keeps every entry in the vault that a folder names. What the server holds for that is the right to write ciphertext
 * there: a secret of its own, in a file of mode 0600 whose name depends on the kind of vault.
 * @throws `kit.vault-settings`, and as `keepEntry`; nothing is acknowledged unless all of it is there
 */
export async function keepInVault(
  folder: string,
  entries: readonly VaultEntry[],
): Promise<KeptInVault> {
  const store = parseVaultStore(jsonOf(utf8Text(await fileIn(folder, 'vault.json'))));
  const secret = withoutNewline(await fileIn(folder, secretOf(store).file));
  try {
    const kept: Record<string, KeptEntry> = {};
    for (const entry of entries) kept[entry.system] = await keepEntry(store, secret, entry);
    return kept;
  } finally {
    secret.fill(0);
  }
}

/** @throws `kit.vault-settings` where it is missing or empty */
async function fileIn(folder: string, name: string): Promise<Uint8Array> {
  const bytes = await readFile(join(folder, name)).catch(() => new Uint8Array());
  if (bytes.length > 0) return bytes;
  throw new HalliganError(
    'kit.vault-settings',
    `The vault’s folder has no ${name}, or an empty one.`,
    'It holds vault.json and what signs in there (mode 0600): secret-id, token or master-password; see docs/systems/openbao.md, 1password.md, bitwarden.md.',
  );
}

function withoutNewline(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
}
