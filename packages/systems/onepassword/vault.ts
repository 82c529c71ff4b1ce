import { utf8 } from '@halligan/format';
import { z } from 'zod';
import type { Shortcoming } from '../driver.ts';
import { changed, readEntryText, type StoredEntry, type VaultEntry } from '../vault/entry.ts';
import { type ConnectStore, itemTitle } from '../vault/settings.ts';
import { NOTE, onlyItem, sharedVault } from '../vault/shared-vault.ts';
import type { OpenVault, StoreLook } from '../vault/store.ts';
import { askConnect, type ConnectLine, connectLine, saidAs } from './line.ts';

/** An id goes into an address: the API’s own form, and nothing else. */
const Id = z.string().regex(/^[\da-z]{26}$/);
const Vaults = z.array(
  z.object({ id: Id, name: z.string().max(1000), type: z.string().max(100).optional() }),
);
const Items = z.array(
  z.object({ id: Id, title: z.string().max(1000).optional(), state: z.string().optional() }),
);
const FullItem = z.object({
  id: Id,
  title: z.string().max(1000).optional(),
  vault: z.object({ id: Id }),
  version: z.int(),
  state: z.string().optional(),
  fields: z
    .array(z.object({ label: z.string().optional(), value: z.string().optional() }))
    .max(100)
    .default([]),
});
const Activity = z.array(
  z.object({
    requestId: z.string().max(64),
    action: z.string().optional(),
    result: z.string().optional(),
    resource: z.object({ item: z.object({ id: z.string() }).optional() }).optional(),
  }),
);
const Health = z.object({
  dependencies: z.array(z.object({ service: z.string(), status: z.string() })).default([]),
});

type Vault = z.infer<typeof Vaults>[number];

/** The label of the field that holds an entry. */
const FIELD = 'entry';

/**
 * A shared vault of 1Password as a vault of entries: an item a system, a secure note. Connect has no check-and-set: what
 * somebody else writes between our read and our write is seen by the item’s version, afterwards.
 * @param secret the Connect token
 */
export async function withConnect<T>(
  store: ConnectStore,
  secret: Uint8Array,
  work: (vault: OpenVault) => Promise<T>,
): Promise<T> {
  const line = connectLine(store, secret);
  const seen = saidAs(Vaults, await askConnect(line, { method: 'GET', path: '/v1/vaults' }));
  const vault = sharedVault(seen, store.vault);
  return work({
    read: (system) => read(line, vault, system),
    write: (entry, before) => write(line, vault, entry, before),
    look: () => look(line, vault, seen),
  });
}

async function read(
  line: ConnectLine,
  vault: Vault,
  system: string,
): Promise<StoredEntry | undefined> {
  const item = await itemOf(line, vault, system);
  if (item === undefined) return undefined;
  const text = item.fields.find(({ label }) => label === FIELD)?.value ?? '';
  return {
    entry: readEntryText(text, system),
    // The record counts from 1.
    version: Math.max(1, item.version),
    request: (await lastRead(line, item.id)) ?? `item ${item.id}`,
  };
}

/** The item of a system as it is now; archived and deleted ones are none. */
async function itemOf(line: ConnectLine, vault: Vault, system: string) {
  const title = itemTitle(system);
  const filter = encodeURIComponent(`title eq "${title}"`);
  const path = `/v1/vaults/${vault.id}/items`;
  const listed = saidAs(
    Items,
    await askConnect(line, { method: 'GET', path: `${path}?filter=${filter}` }),
  );
  const item = onlyItem(
    listed.filter((one) => one.title === title && one.state === undefined),
    title,
  );
  if (item === undefined) return undefined;
  const answer = await askConnect(line, { method: 'GET', path: `${path}/${item.id}` });
  // It may have been taken away in between.
  if (answer.status === 404) return undefined;
  const full = saidAs(FullItem, answer);
  return full.id === item.id && full.state === undefined ? full : undefined;
}

async function write(
  line: ConnectLine,
  vault: Vault,
  entry: VaultEntry,
  before: StoredEntry | undefined,
): Promise<StoredEntry> {
  const now = await itemOf(line, vault, entry.system);
  if ((now === undefined) !== (before === undefined)) throw changed();
  if (now !== undefined && Math.max(1, now.version) !== before?.version) throw changed();
  const path = `/v1/vaults/${vault.id}/items${now === undefined ? '' : `/${now.id}`}`;
  const body = utf8(
    JSON.stringify({
      ...(now === undefined ? {} : { id: now.id, version: now.version }),
      vault: { id: vault.id },
      title: itemTitle(entry.system),
      category: 'SECURE_NOTE',
      tags: ['halligan'],
      fields: [
        { id: 'notesPlain', type: 'STRING', purpose: 'NOTES', label: 'notesPlain', value: NOTE },
        { type: 'STRING', label: FIELD, value: JSON.stringify(entry) },
      ],
    }),
  );
  const written = saidAs(
    FullItem.pick({ id: true, version: true }),
    await askConnect(line, { method: now === undefined ? 'POST' : 'PUT', path, body }),
  );
  const stored = await read(line, vault, entry.system);
  // One step from what was read to what was written, and none since: otherwise somebody else wrote too.
  const expected = now === undefined ? written.version : now.version + 1;
  if (stored === undefined || stored.version !== Math.max(1, expected)) throw changed();
  return stored;
}

/** The read that was just made, as Connect’s own activity names it. */
async function lastRead(line: ConnectLine, item: string): Promise<string | undefined> {
  return (await activity(line))?.find(
    (one) => one.action === 'READ' && one.result === 'SUCCESS' && one.resource?.item?.id === item,
  )?.requestId;
}

/** @returns undefined where this server keeps none */
async function activity(line: ConnectLine): Promise<z.infer<typeof Activity> | undefined> {
  const answer = await askConnect(line, { method: 'GET', path: '/v1/activity?limit=50&offset=0' });
  return answer.status === 404 ? undefined : saidAs(Activity, answer);
}

async function look(line: ConnectLine, vault: Vault, seen: readonly Vault[]): Promise<StoreLook> {
  const written = await activity(line);
  const health = await askConnect(line, { method: 'GET', path: '/health' });
  const ill = saidAs(Health, health).dependencies.filter(({ status }) => status !== 'ACTIVE');
  const shared = vault.type !== undefined && vault.type !== 'USER_CREATED';
  const audit = written === undefined ? 'unknown' : written.length > 0 ? 'on' : 'off';
  const shortcomings: readonly (Shortcoming | undefined)[] = [
    seen.length === 1
      ? undefined
      : {
          level: 'fail',
          found: `The token sees ${seen.length} vaults, and needs one.`,
          fix: 'Issue a token for that vault alone, with read and write access.',
        },
    shared
      ? {
          level: 'fail',
          found: `“${vault.name}” is everybody’s vault, or one person’s.`,
          fix: 'Make a vault of its own, and share it with the people who fetch seals.',
        }
      : undefined,
    audit === 'on'
      ? undefined
      : {
          level: 'warn',
          found: 'The Connect server tells of no request: nobody could name the read of an entry.',
          fix: 'Look at /v1/activity with this token; update the Connect server.',
        },
    ill.length === 0
      ? undefined
      : {
          level: 'warn',
          found: 'The Connect server is not in touch with 1Password: what it gives may be old.',
          fix: 'Look at its /health, and at the log of its sync container.',
        },
  ];
  return {
    rules: seen.length === 1 && !shared ? 'kept' : 'loose',
    audit,
    shortcomings: shortcomings.filter((one) => one !== undefined),
  };
}
