import { HalliganError } from '@halligan/format';
import { z } from 'zod';
import type { Shortcoming } from '../driver.ts';
import { changed, readEntryText, type StoredEntry, type VaultEntry } from '../vault/entry.ts';
import { type BitwardenStore, itemTitle } from '../vault/settings.ts';
import { NOTE, onlyItem, sharedVault } from '../vault/shared-vault.ts';
import type { OpenVault, StoreLook } from '../vault/store.ts';
import { bodyOf, type Client, saidAs, withClient } from './client.ts';

const Id = z.guid();
const Collections = z.object({
  data: z.array(z.object({ id: Id, name: z.string().max(2000), organizationId: Id })),
});
const Item = z.object({
  id: Id,
  name: z.string().max(2000),
  revisionDate: z.iso.datetime(),
  deletedDate: z.string().nullish(),
  collectionIds: z.array(z.string()).nullish(),
  fields: z.array(z.object({ name: z.string().nullish(), value: z.string().nullish() })).nullish(),
});
const Items = z.object({ data: z.array(Item) });
type Item = z.infer<typeof Item>;
type Collection = z.infer<typeof Collections>['data'][number];

/**
 * Characters of one field: encrypted and in base64 they stay below the 5,000 that Bitwarden's server takes. Notes take
 * 10,000, attachments are not in the client's own copy, which is what is left when the server is gone.
 */
const PART = 3_600;

/** Most bytes of one request to the client's interface; it takes 1 MiB. */
const LARGEST = 1_000_000;

/**
 * A collection of a Bitwarden organisation as a vault of entries: an item a system, a secure note with the entry in
 * parts. The server compares the revision that an edit is based on with its own: check-and-set.
 * @param secret the master password of the account that the client is signed in as
 */
export async function withBitwarden<T>(
  store: BitwardenStore,
  secret: Uint8Array,
  work: (vault: OpenVault) => Promise<T>,
): Promise<T> {
  return withClient(store, secret, async (client) => {
    const synced = await sync(client);
    const { data: seen } = saidAs(Collections, await client.ask('GET', '/list/object/collections'));
    const collection = sharedVault(seen, store.vault);
    return work({
      read: (system) => read(client, collection, system),
      write: async (entry, before) => {
        if (synced !== undefined) throw synced;
        return write(client, collection, entry, before);
      },
      look: () => look(client, collection, seen),
    });
  });
}

/** In an emergency the server may be gone: the client's own copy can be read, but never be written to. */
async function sync(client: Client): Promise<HalliganError | undefined> {
  try {
    await client.ask('POST', '/sync?force=true');
    return undefined;
  } catch (error) {
    if (error instanceof HalliganError && error.code === 'systems.unreachable') return error;
    throw error;
  }
}

async function itemOf(
  client: Client,
  { id }: Collection,
  system: string,
): Promise<Item | undefined> {
  const { data } = saidAs(Items, await client.ask('GET', `/list/object/items?collectionid=${id}`));
  const title = itemTitle(system);
  return onlyItem(
    data.filter(({ name, deletedDate }) => name === title && (deletedDate ?? null) === null),
    title,
  );
}

async function read(
  client: Client,
  collection: Collection,
  system: string,
): Promise<StoredEntry | undefined> {
  const item = await itemOf(client, collection, system);
  return item === undefined ? undefined : storedOf(item, system);
}

function storedOf(item: Item, system: string): StoredEntry {
  const parts = (item.fields ?? []).filter(({ name }) => /^entry \d+$/.test(name ?? ''));
  const text = parts
    .toSorted((one, other) => numberOf(one.name) - numberOf(other.name))
    .map(({ value }) => value ?? '')
    .join('');
  return {
    entry: readEntryText(text, system),
    // Bitwarden counts no versions: the second of the revision grows with each.
    version: Math.floor(Date.parse(item.revisionDate) / 1000),
    request: `item ${item.id}`,
  };
}

function numberOf(name: string | null | undefined): number {
  return Number(name?.slice('entry '.length));
}

async function write(
  client: Client,
  collection: Collection,
  entry: VaultEntry,
  before: StoredEntry | undefined,
): Promise<StoredEntry> {
  const now = await itemOf(client, collection, entry.system);
  if ((now === undefined) !== (before === undefined)) throw changed();
  const text = JSON.stringify(entry);
  const parts = Array.from({ length: Math.ceil(text.length / PART) }, (_, at) =>
    text.slice(at * PART, (at + 1) * PART),
  );
  const body = bodyOf({
    organizationId: collection.organizationId,
    collectionIds: [collection.id],
    folderId: null,
    type: 2,
    name: itemTitle(entry.system),
    notes: NOTE,
    favorite: false,
    fields: parts.map((value, at) => ({ name: `entry ${at + 1}`, value, type: 0 })),
    secureNote: { type: 0 },
    reprompt: 0,
  });
  if (body.length > LARGEST) throw tooLarge();
  const answer =
    now === undefined
      ? await client.ask('POST', '/object/item', body)
      : await client.ask('PUT', `/object/item/${now.id}`, body);
  const { id } = saidAs(Item.pick({ id: true }), answer);
  const failed = await sync(client);
  if (failed !== undefined) throw failed;
  // By its id: the client's lists are sometimes those of a moment ago.
  const stored = saidAs(Item, await client.ask('GET', `/object/item/${id}`));
  if (stored.id !== id || stored.collectionIds?.includes(collection.id) !== true) throw changed();
  return storedOf(stored, entry.system);
}

async function look(
  client: Client,
  collection: Collection,
  seen: readonly Collection[],
): Promise<StoreLook> {
  const { data: items } = saidAs(Items, await client.ask('GET', '/list/object/items'));
  const others = items.filter((item) => !(item.collectionIds ?? []).includes(collection.id)).length;
  const alone = seen.length === 1 && others === 0;
  const shortcomings: readonly Shortcoming[] = [
    ...(alone
      ? []
      : [
          {
            level: 'fail',
            found: `This account sees ${seen.length} collections and ${others} other items, and needs one collection.`,
            fix: 'Make an account for Halligan alone, a member of the organisation with “Edit items” on that collection.',
          } as const,
        ]),
    {
      level: 'warn',
      found: 'Whether the organisation’s event log writes down who reads is not told to a client.',
      fix: 'Look at the organisation’s event log (Teams and Enterprise have one), under “Viewed item”.',
    },
  ];
  return { rules: alone ? 'kept' : 'loose', audit: 'unknown', shortcomings };
}

function tooLarge(): HalliganError {
  return new HalliganError(
    'systems.vault-too-large',
    'The seals of this system are too large for one item.',
    'Divide the system, or keep its seals in another place.',
  );
}
