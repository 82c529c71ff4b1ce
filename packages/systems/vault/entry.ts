import { digestOf, HalliganError, ID, type Json } from '@halligan/format';
import { z } from 'zod';

const VERSION = 'halligan/vault-entry/v1';
const Id = z.string().regex(ID);

/**
 * What a vault keeps of a system: its accounts’ versions that are not retired, each a seal’s container in base64. Ciphertext: whoever reads
 * the vault, its administrators included, still needs a quorum.
 */
const Entry = z
  .strictObject({
    v: z.literal(VERSION),
    organisation: Id,
    system: Id,
    accounts: z.record(
      Id,
      z
        .array(
          z.strictObject({
            version: z.int().min(1),
            /** SHA-256 of seal.json, as it stands on the record. */
            digest: z.string().regex(/^[0-9a-f]{64}$/),
            seal: z.base64().max(1 << 20),
          }),
        )
        .max(16),
    ),
  })
  .readonly();

export type VaultEntry = z.infer<typeof Entry>;

/** An entry as a vault has it: its version there, and the request that read it, as the vault's audit log names it. */
export interface StoredEntry {
  readonly entry: VaultEntry;
  readonly version: number;
  readonly request: string;
}

/** What lies where a system's entry is to be. @throws `systems.vault-foreign` where it is none of this system */
export function parseEntry(value: unknown, system: string): VaultEntry {
  const entry = Entry.safeParse(value);
  if (!entry.success || entry.data.system !== system) throw foreign();
  return entry.data;
}

/** The same, from the text that a vault kept. @throws `systems.vault-foreign` */
export function readEntryText(text: string, system: string): VaultEntry {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Without the cause: it quotes what lies there.
    throw foreign();
  }
  return parseEntry(value, system);
}

/** An id is one segment of an address, and a word in a filter: anything else could lead elsewhere. @throws `systems.vault-entry` */
export function requireId(system: string): string {
  if (Id.safeParse(system).success) return system;
  throw new HalliganError(
    'systems.vault-entry',
    'This is not the id of a system.',
    'Ids are small letters, digits and hyphens: halligan system list.',
  );
}

export function isSame(one: VaultEntry, other: VaultEntry): boolean {
  return digestOf(one as unknown as Json) === digestOf(other as unknown as Json);
}

export function foreign(): HalliganError {
  return new HalliganError(
    'systems.vault-foreign',
    'What lies there is no entry of this organisation and system.',
    'Look at what it is, and who wrote it; choose another path, or move it away. Nothing was overwritten.',
  );
}

/** @param where such as `secret/break-glass/dc` */
export function noEntry(where: string): HalliganError {
  return new HalliganError(
    'systems.vault-entry',
    `There is no entry ${where}.`,
    'Compare the system’s id, and where the store’s settings look.',
  );
}

/** Somebody else writes there too. */
export function changed(): HalliganError {
  return new HalliganError(
    'systems.vault-changed',
    'The vault’s entry is not the one that was read just before: somebody else writes it too, or it is too large.',
    'Look at who did: the vault’s audit log says. Nothing of theirs is relied on.',
  );
}
