/** Bitwarden through a stand-in for its own command-line client: what it answers, and that no secret is where others read. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { HalliganError, utf8 } from '@halligan/format';
import fc from 'fast-check';
import { assertSilent, failure, refuses } from '../contract.ts';
import { entryOf, type VaultBench, vaultContract } from '../vault/contract.ts';
import { parseVaultStore } from '../vault/settings.ts';
import { checkStore, fetchEntry, keepEntry } from '../vault/store.ts';
import type { BitwardenServer } from './bw.fixture.ts';

const PASSWORD = 'correct "horse" \\ battery staple';
const root = mkdtempSync(join(tmpdir(), 'halligan-bw-'));
after(() => rmSync(root, { recursive: true, force: true }));
/** The client as it would be installed: a program of one absolute name. */
const program = join(root, 'bw');
writeFileSync(
  program,
  `#!/bin/sh\nexec '${process.execPath}' '${join(import.meta.dirname, 'bw.fixture.ts')}' "$@"\n`,
  { mode: 0o755 },
);

interface Bench extends VaultBench {
  change(part: Partial<BitwardenServer>): void;
  now(): BitwardenServer;
  readonly data: string;
}

let made = 0;
async function bench(timeout = 90_000): Promise<Bench> {
  made += 1;
  const data = join(root, `data-${made}`);
  mkdirSync(data, { mode: 0o700 });
  const file = join(data, 'server.json');
  const organizationId = randomUUID();
  const collection = (name: string) => ({ id: randomUUID(), name, organizationId });
  const write = (state: BitwardenServer) => writeFileSync(file, JSON.stringify(state));
  const now = (): BitwardenServer => JSON.parse(readFileSync(file, 'utf8'));
  const change = (part: Partial<BitwardenServer>) => write({ ...now(), ...part });
  write({
    password: PASSWORD,
    loggedIn: true,
    collections: [collection('Break-Glass')],
    items: [],
    readOnly: false,
    down: false,
    meanwhile: {},
    instead: {},
  });
  return {
    store: parseVaultStore({ kind: 'bitwarden', program, data, timeout }),
    secret: utf8(PASSWORD),
    data,
    change,
    now,
    name: (...names) => change({ collections: names.map(collection) }),
    put: (title, text) => {
      const { items, collections } = now();
      const collectionIds = collections.slice(0, 1).map(({ id }) => id);
      const fields = [{ name: 'entry 1', value: text, type: 0 }];
      const revisionDate = new Date().toISOString();
      const item = { id: randomUUID(), name: title, collectionIds, fields, revisionDate };
      change({ items: [...items, item] });
    },
    count: (title) => now().items.filter(({ name }) => name === title).length,
    text: (title) =>
      now()
        .items.find(({ name }) => name === title)
        ?.fields.map(({ value }) => value)
        .join('') ?? '',
    editMeanwhile: (title, text) => change({ meanwhile: { [title]: text } }),
    readOnly: () => change({ readOnly: true }),
  };
}

vaultContract('Bitwarden’s client', bench);

describe('Bitwarden’s client', () => {
  const keep = ({ store, secret }: VaultBench, version = 1) =>
    keepEntry(store, secret, entryOf('dc', version));

  test('neither the master password nor a session key is in its arguments or environment', async () => {
    const one = await bench();
    await keep(one);
    const called = readFileSync(join(one.data, 'called.json'), 'utf8');
    assert.deepEqual(JSON.parse(called).argv, ['serve', '--hostname', 'fd+connected://3']);
    assert.ok(!called.includes('horse'));
    assert.ok(!/BW_SESSION|BW_PASSWORD/.test(called));
    assert.match(called, /BITWARDENCLI_APPDATA_DIR/);
  });

  test('parts stay below what its server takes of a field, in their order', async () => {
    const one = await bench();
    await keep(one);
    const [item] = one.now().items;
    const parts = item?.fields.map(({ name, value }) => [name, value.length] as const) ?? [];
    assert.ok(parts.length > 10);
    assert.deepEqual(
      parts.map(([name]) => name),
      parts.map((_, at) => `entry ${at + 1}`),
    );
    assert.ok(parts.every(([, length]) => length <= 3_600));
    one.change({
      items: one.now().items.map((kept) => ({ ...kept, fields: kept.fields.toReversed() })),
    });
    assert.deepEqual((await fetchEntry(one.store, one.secret, 'dc')).entry, entryOf('dc', 1));
  });

  test('with its server gone, what was kept is still read from its own copy, and nothing is written', async () => {
    const one = await bench();
    await keep(one);
    one.change({ down: true });
    assert.deepEqual((await fetchEntry(one.store, one.secret, 'dc')).entry, entryOf('dc', 1));
    await refuses('systems.unreachable', () => keep(one, 2));
    assert.equal(one.text('dc (sealed by Halligan)'), JSON.stringify(entryOf('dc', 1)));
  });

  test('an item in the trash is none', async () => {
    const one = await bench();
    one.put('dc (sealed by Halligan)', 'thrown away');
    const deletedDate = new Date().toISOString();
    one.change({ items: one.now().items.map((item) => ({ ...item, deletedDate })) });
    await keep(one);
    assert.equal(one.count('dc (sealed by Halligan)'), 2);
  });

  test('signed out, locked by another, and a program that is not there are told apart', async () => {
    const one = await bench();
    one.change({ loggedIn: false });
    await refuses('systems.vault-signed-out', () => keep(one));
    const locked = { status: 400, body: '{"success":false,"message":"Vault is locked."}' };
    one.change({ loggedIn: true, instead: { '/list/object/collections': locked } });
    await refuses('systems.vault-locked', () => keep(one));
    const missing = { kind: 'bitwarden', program: join(root, 'no-such-bw') };
    await refuses('systems.program-missing', () =>
      fetchEntry(parseVaultStore(missing), one.secret, 'dc'),
    );
    await refuses('systems.config', async () => parseVaultStore({ ...missing, program: 'bw' }));
  });

  test('garbage, silence and an end are no answers, and nothing that it says is repeated', async () => {
    const one = await bench();
    const said = `Error: ${PASSWORD} BW_SESSION=abc`;
    for (const [path, status, body, code] of [
      ['/status', 200, '<html>', 'systems.unwilling'],
      ['/status', 200, '{"success":true,"data":{}}', 'systems.unwilling'],
      ['/list/object/items', 200, '{"success":true,"data":{"data":7}}', 'systems.unwilling'],
      [
        '/list/object/items',
        400,
        JSON.stringify({ success: false, message: said }),
        'systems.unwilling',
      ],
      ['/sync', 400, '{"success":false,"message":"Syncing failed: 404"}', 'systems.unreachable'],
    ] as const) {
      one.change({ instead: { [path]: { status, body } } });
      const error = await failure(() => keep(one));
      assert.ok(error instanceof HalliganError);
      assert.equal(error.code, code, `${path} ${body}`);
      assertSilent(error, one.secret);
    }
    const hanging = await bench(8_000);
    hanging.change({ instead: { '/list': { status: 0, body: '' } } });
    await refuses('systems.timeout', () => keep(hanging));
  });

  test('whatever it says, it is an error of ours or an entry, never another exception', async () => {
    const one = await bench();
    await keep(one);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('/status', '/unlock', '/list/object/collections', '/list/object/items'),
        fc.oneof(
          fc.json(),
          fc.anything().map((data) => JSON.stringify({ success: true, data }) ?? ''),
          fc.anything().map((data) => JSON.stringify({ success: true, data: { data: [data] } })),
        ),
        async (path, body) => {
          one.change({ instead: { [path]: { status: 200, body } } });
          try {
            await fetchEntry(one.store, one.secret, 'dc');
          } catch (error) {
            assert.ok(error instanceof HalliganError, String(error));
          }
        },
      ),
      { numRuns: 8 },
    );
  });

  test('that it cannot tell of the audit is said, and items elsewhere are too much', async () => {
    const one = await bench();
    const kept = await keep(one);
    assert.deepEqual([kept.rules, kept.audit], ['kept', 'unknown']);
    const elsewhere = one.now().items.map((item) => ({
      ...item,
      id: randomUUID(),
      name: 'private',
      collectionIds: [],
    }));
    one.change({ items: [...one.now().items, ...elsewhere] });
    const found = (await checkStore(one.store, one.secret)).map(({ level, found: what }) => [
      level,
      what,
    ]);
    assert.deepEqual(found, [
      ['fail', 'This account sees 1 collections and 1 other items, and needs one collection.'],
      [
        'warn',
        'Whether the organisation’s event log writes down who reads is not told to a client.',
      ],
    ]);
  });
});
