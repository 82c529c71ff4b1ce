/** Sealed versions in a real OpenBao's KV engine: check-and-set, wrapping, rules, audit. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { base64, HalliganError, utf8 } from '@halligan/format';
import { z } from 'zod';
import { failure, refuses } from '../contract.ts';
import type { VaultEntry } from '../vault/entry.ts';
import { type OpenbaoStore, parseVaultStore, requireWrapping } from '../vault/settings.ts';
import { checkStore, keepEntry } from '../vault/store.ts';
import { openEntry } from './entries.ts';
import { askVault } from './line.ts';
import { readerPolicy, writerPolicy } from './policy.ts';
import { type Openbao, startOpenbao } from './server.ts';
import { asAppRole } from './session.ts';
import { dataPath, storeAddress } from './store-paths.ts';
import { askWrapped, unwrapOnce } from './wrapping.ts';

const folder = await mkdtemp(join(tmpdir(), 'halligan-vault-'));
const started = await start();
after(async () => {
  await started.vault?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start() {
  try {
    const vault = await startOpenbao({ folder });
    const writer = await vault.appRole('halligan-writer', writerPolicy('secret', 'break-glass'));
    const reader = await vault.appRole('halligan-reader', readerPolicy('secret', 'break-glass'));
    const { url, ca } = vault;
    const store = requireWrapping(
      parseVaultStore({ url, ca, writer: { role: writer.role }, timeout: 30_000 }),
    );
    return { vault, store, writer, reader, skip: false } as const;
  } catch (error) {
    if (error instanceof HalliganError && error.code === 'systems.component-missing')
      return { skip: error.message };
    throw error;
  }
}

function bench(): {
  vault: Openbao;
  store: OpenbaoStore;
  writer: { role: string; secret: Uint8Array };
  reader: { role: string; secret: Uint8Array };
} {
  assert.ok(started.vault !== undefined);
  return started;
}

function entryOf(system: string, version: number): VaultEntry {
  return {
    v: 'halligan/vault-entry/v1',
    organisation: 'contoso',
    system,
    accounts: {
      'dc-admin': [{ version, digest: 'ab'.repeat(32), seal: base64(utf8(`sealed ${version}`)) }],
    },
  };
}

/** As a person who may read: a token that gives the entry out once. */
async function wrappedFor(system: string): Promise<string> {
  const { store, reader } = bench();
  const role = { mount: 'approle', role: reader.role };
  const wrapped = await asAppRole(storeAddress(store), role, reader.secret, (session) =>
    askWrapped(session, { method: 'GET', path: dataPath(store, system) }),
  );
  return wrapped?.token ?? assert.fail('there is nothing');
}

const signal = () => AbortSignal.timeout(60_000);

describe('sealed versions in a vault', started, () => {
  test('an entry is written, read back, left alone while it is the same, and the audit log names the read', async () => {
    const { store, writer, vault } = bench();
    const first = await keepEntry(store, writer.secret, entryOf('dc', 1));
    assert.deepEqual(
      { ...first, request: '' },
      { entry: 'secret/break-glass/dc', version: 1, request: '', rules: 'kept', audit: 'on' },
    );
    assert.equal((await keepEntry(store, writer.secret, entryOf('dc', 1))).version, 1);
    assert.equal((await keepEntry(store, writer.secret, entryOf('dc', 2))).version, 2);
    const log = (await readFile(vault.auditLog, 'utf8')).trim().split('\n');
    const read = log.map((line) => audited.parse(JSON.parse(line)));
    assert.ok(
      read.some(
        ({ request }) =>
          request.id === first.request &&
          request.path === 'secret/data/break-glass/dc' &&
          request.operation === 'read',
      ),
    );
  });

  test('a token gives the entry out once; a second time, and one of something else, is an alarm', async () => {
    const { store, writer } = bench();
    await keepEntry(store, writer.secret, entryOf('mail', 7));
    const address = storeAddress(store);
    const token = await wrappedFor('mail');
    await refuses('vault.token-foreign', () => openEntry(address, store, 'dc', token, signal()));
    const opened = await openEntry(address, store, 'mail', token, signal());
    assert.deepEqual(opened.entry, entryOf('mail', 7));
    await refuses('vault.token-used', () => openEntry(address, store, 'mail', token, signal()));
    await refuses('vault.token-used', () =>
      unwrapOnce(address, 's.neverIssuedByAnybody', dataPath(store, 'mail'), signal()),
    );
    const error = await failure(() => openEntry(address, store, 'mail', token, signal()));
    assert.ok(error instanceof HalliganError && !JSON.stringify(error).includes(token));
  });

  test('the reader gets nothing unwrapped, nothing for less than half an hour, and writes nothing', async () => {
    const { store, writer, reader } = bench();
    await keepEntry(store, writer.secret, entryOf('files', 1));
    const role = { mount: 'approle', role: reader.role };
    const path = dataPath(store, 'files');
    await asAppRole(storeAddress(store), role, reader.secret, async (session) => {
      const ask = async (request: object) =>
        (await askVault(session.address, { ...session, method: 'GET', path, ...request })).status;
      assert.equal(await ask({}), 403);
      assert.equal(await ask({ wrap: 60 }), 403);
      assert.equal(await ask({ wrap: 1800 }), 200);
      assert.equal(await ask({ method: 'PUT', wrap: 1800, body: utf8('{"data":{}}') }), 403);
    });
  });

  test('what somebody else wrote is not overwritten: not a stranger’s entry, not a newer version', async () => {
    const { store, writer, vault } = bench();
    await vault.asRoot('PUT', 'secret/data/break-glass/theirs', { data: { password: 'x' } });
    await refuses('systems.vault-foreign', () =>
      keepEntry(store, writer.secret, entryOf('theirs', 1)),
    );
    const cas = { method: 'PUT', path: dataPath(store, 'theirs') } as const;
    const body = utf8(JSON.stringify({ options: { cas: 0 }, data: {} }));
    const role = { mount: 'approle', role: writer.role };
    await refuses('systems.vault-changed', () =>
      asAppRole(storeAddress(store), role, writer.secret, (session) =>
        askWrapped(session, { ...cas, body }),
      ),
    );
  });

  test('rules that became loose are seen after the next update', async () => {
    const { store, writer, vault } = bench();
    const policy = (text: string) =>
      vault.asRoot('PUT', 'sys/policies/acl/halligan-writer', { policy: text });
    await policy(writerPolicy('secret', 'break-glass').replace(/ *min_wrapping_ttl.*/, ''));
    assert.equal((await keepEntry(store, writer.secret, entryOf('dc', 3))).rules, 'loose');
    await policy(
      `${readerPolicy('secret', 'break-glass').replace('"read"', '"read", "create", "update"')}path "secret/metadata/*" { capabilities = ["delete"] }`,
    );
    const kept = await keepEntry(store, writer.secret, entryOf('dc', 4));
    assert.deepEqual([kept.rules, kept.audit], ['loose', 'unknown']);
    const found = await checkStore(store, writer.secret);
    assert.deepEqual(
      found.map(({ level, found: what }) => `${level}: ${what}`),
      [
        'fail: The writer may too much: delete.',
        'warn: The writer’s policy lacks “read” and “sudo” on sys/audit.',
      ],
    );
    await policy('path "secret/data/break-glass/+" { capabilities = ["read"] }');
    const bare = await checkStore(store, writer.secret);
    assert.deepEqual(
      bare.map(({ found: what }) => what),
      [
        'The writer’s policy lacks “create” on secret/data/break-glass/halligan-none-of-that-name.',
        'The writer’s policy lacks “update” on secret/data/break-glass/halligan-none-of-that-name.',
        'Entries are given out unwrapped: min_wrapping_ttl is missing on secret/data/break-glass/halligan-none-of-that-name.',
        'The writer’s policy lacks “read” and “sudo” on sys/audit.',
      ],
    );
    await policy(writerPolicy('secret', 'break-glass'));
    assert.deepEqual(await checkStore(store, writer.secret), []);
    assert.equal((await keepEntry(store, writer.secret, entryOf('dc', 5))).rules, 'kept');
  });
});

const audited = z.object({
  request: z.object({ id: z.string(), path: z.string(), operation: z.string() }),
});
