import { utf8 } from '@halligan/format';
import { z } from 'zod';
import {
  foreign,
  noEntry,
  parseEntry,
  requireId,
  type StoredEntry,
  type VaultEntry,
} from '../vault/entry.ts';
import { entryPath, type OpenbaoStore } from '../vault/settings.ts';
import type { OpenVault } from '../vault/store.ts';
import type { VaultAddress, VaultSession } from './line.ts';
import { answerOf, asAppRole } from './session.ts';
import { lookAtStore } from './store-look.ts';
import { dataPath, storeAddress } from './store-paths.ts';
import { askWrapped, unwrapOnce, type Wrapped } from './wrapping.ts';

const kv = z.object({ data: z.unknown(), metadata: z.object({ version: z.int() }) });

/** The KV engine as a vault of entries: check-and-set, everything wrapped on the way. @param secret the writer’s secret id */
export async function withOpenbao<T>(
  store: OpenbaoStore,
  secret: Uint8Array,
  work: (vault: OpenVault) => Promise<T>,
): Promise<T> {
  return asAppRole(storeAddress(store), store.writer, secret, (session) =>
    work({
      read: (system) => readEntry(session, store, system),
      write: (entry, before) => write(session, store, entry, before?.version ?? 0),
      look: () => lookAtStore(session, store),
    }),
  );
}

/** Reads an entry by a token of its own, wrapped on the way. @returns undefined where there is none */
async function readEntry(
  session: VaultSession,
  store: OpenbaoStore,
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
  store: OpenbaoStore,
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
  return { entry: parseEntry(data, system), version: metadata.version, request };
}

/** As a person who may read: asks for the entry as a token that gives it out once. @throws `systems.vault-entry` where there is none */
export async function wrapEntry(
  store: OpenbaoStore,
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
  throw noEntry(entryPath(store, system));
}

async function write(
  session: VaultSession,
  store: OpenbaoStore,
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
