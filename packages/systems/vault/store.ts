import { digestOf, HalliganError, type Json, utf8 } from '@halligan/format';
import { z } from 'zod';
import type { VaultAddress, VaultSession } from '../openbao/line.ts';
import { answerOf, asAppRole } from '../openbao/session.ts';
import { lookAtStore, type StoreLook } from './store-check.ts';
import type { VaultStore } from './store-config.ts';
import { dataPath, entryPath, storeAddress } from './store-paths.ts';
import { askWrapped, unwrapOnce, type Wrapped } from './wrapping.ts';

const VERSION = 'halligan/vault-entry/v1';
const Id = z.string().regex(/^[a-z0-9-]{1,63}$/);

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

/** What came of keeping an entry, for the record. */
export interface KeptEntry extends Pick<StoreLook, 'rules' | 'audit'> {
  /** Where it lies, such as `secret/break-glass/dc`. */
  readonly entry: string;
  /** Its version in the vault. */
  readonly version: number;
  /** The request that read it back, as the vault's audit log names it. */
  readonly request: string;
}

const kv = z.object({ data: z.unknown(), metadata: z.object({ version: z.int() }) });

/**
 * Keeps an entry: written only over the version that was read just before (check-and-set), read back wrapped as a person
 * would, and compared. An entry that says the same already is left as it is. Then the rules and the audit are looked at.
 * @param secret the writer's secret id
 * @throws `systems.vault-changed`, `systems.vault-foreign` where something that is no entry of this organisation lies
 * there, `systems.vault-differs` where it does not give back what it was given, and as `askVault`
 */
export async function keepEntry(
  store: VaultStore,
  secret: Uint8Array,
  entry: VaultEntry,
): Promise<KeptEntry> {
  return asAppRole(storeAddress(store), store.writer, secret, async (session) => {
    const before = await readEntry(session, store, entry.system);
    if (before !== undefined && before.entry.organisation !== entry.organisation) throw foreign();
    const same = before !== undefined && isSame(before.entry, entry);
    const now = same ? before : await write(session, store, entry, before?.version ?? 0);
    if (!isSame(now.entry, entry))
      throw new HalliganError(
        'systems.vault-differs',
        'The vault does not give back what it was given.',
        'Look at its audit log: somebody else may write there.',
      );
    const look = await lookAtStore(session, store);
    return {
      entry: entryPath(store, entry.system),
      version: now.version,
      request: now.request,
      rules: look.rules,
      audit: look.audit,
    };
  });
}

/** Reads an entry by a token of its own, wrapped on the way. @returns undefined where there is none */
export async function readEntry(
  session: VaultSession,
  store: VaultStore,
  system: string,
): Promise<StoredEntry | undefined> {
  const path = dataPath(store, system);
  const wrapped = await askWrapped(session, { method: 'GET', path });
  if (wrapped === undefined) return undefined;
  return openEntry(session.address, store, system, wrapped.token, session.signal);
}

/** Takes an entry out of a wrapping token that somebody handed over. @throws as `unwrapOnce`; `systems.vault-foreign` */
export async function openEntry(
  address: VaultAddress,
  store: VaultStore,
  system: string,
  token: string,
  signal: AbortSignal,
): Promise<StoredEntry> {
  const { said, request } = await unwrapOnce(
    address,
    token,
    dataPath(store, requireId(system)),
    signal,
  );
  const { data, metadata } = answerOf(kv, said);
  const entry = Entry.safeParse(data);
  if (!entry.success || entry.data.system !== system) throw foreign();
  return { entry: entry.data, version: metadata.version, request };
}

/** As a person who may read: asks for the entry as a token that gives it out once. @throws `systems.vault-entry` where there is none */
export async function wrapEntry(
  store: VaultStore,
  system: string,
  token: string,
): Promise<Wrapped> {
  const address = storeAddress(store);
  const session = { address, token, signal: AbortSignal.timeout(address.timeout) };
  const wrapped = await askWrapped(session, {
    method: 'GET',
    path: dataPath(store, requireId(system)),
  });
  if (wrapped !== undefined) return wrapped;
  throw new HalliganError(
    'systems.vault-entry',
    `There is no entry ${entryPath(store, system)}.`,
    'Compare the system’s id, and the engine and path in the store’s settings.',
  );
}

/** An id is one segment of an address: anything else could lead elsewhere. */
function requireId(system: string): string {
  if (Id.safeParse(system).success) return system;
  throw new HalliganError(
    'systems.vault-entry',
    'This is not the id of a system.',
    'Ids are small letters, digits and hyphens: halligan system list.',
  );
}

async function write(
  session: VaultSession,
  store: VaultStore,
  entry: VaultEntry,
  cas: number,
): Promise<StoredEntry> {
  const body = utf8(JSON.stringify({ options: { cas }, data: entry }));
  const path = dataPath(store, entry.system);
  await askWrapped(session, { method: 'PUT', path, body });
  const stored = await readEntry(session, store, entry.system);
  if (stored === undefined) throw foreign();
  return stored;
}

function isSame(one: VaultEntry, other: VaultEntry): boolean {
  return digestOf(one as unknown as Json) === digestOf(other as unknown as Json);
}

function foreign(): HalliganError {
  return new HalliganError(
    'systems.vault-foreign',
    'What lies there is no entry of this organisation and system.',
    'Look at what it is, and who wrote it; choose another path, or move it away. Nothing was overwritten.',
  );
}
