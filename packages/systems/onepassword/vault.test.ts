/** 1Password through a Connect server built from its specification: what it answers, and what it must not be believed. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { HalliganError, utf8 } from '@halligan/format';
import fc from 'fast-check';
import { assertSilent, failure, refuses } from '../contract.ts';
import { entryOf, type VaultBench, vaultContract } from '../vault/contract.ts';
import { parseVaultStore } from '../vault/settings.ts';
import { checkStore, fetchEntry, keepEntry } from '../vault/store.ts';
import { type Connect, connectId, startConnect, vaultNamed } from './connect.fixture.ts';

let folder: string;
const servers: Connect[] = [];
let connect: Connect;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halligan-connect-'));
  connect = await startConnect(folder);
  servers.push(connect);
});
after(async () => {
  await Promise.all(servers.map((one) => one.stop()));
  await rm(folder, { recursive: true, force: true });
});

const storeOf = (timeout = 30_000) =>
  parseVaultStore({ kind: 'onepassword', url: connect.url, ca: connect.ca, timeout });

async function bench(): Promise<VaultBench> {
  connect.vaults.splice(0, connect.vaults.length, vaultNamed('Break-Glass'));
  Object.assign(connect, { interfere: undefined, mayWrite: true, sync: 'ACTIVE' });
  const items = () => connect.vaults.flatMap((vault) => vault.items);
  const titled = (title: string) => items().filter((item) => item.title === title);
  const fieldsOf = (value: string) => [{ type: 'STRING', label: 'entry', value }];
  return {
    store: storeOf(),
    secret: utf8(connect.token),
    name: (...names) => {
      const vaults = names.map((name) => vaultNamed(name));
      connect.vaults.splice(0, connect.vaults.length, ...vaults);
    },
    put: (title, text) => {
      const [vault] = connect.vaults;
      const category = 'SECURE_NOTE';
      const fields = fieldsOf(text);
      const item = { id: connectId(), version: 1, title, category, vault: { id: '' }, fields };
      vault?.items.push({ ...item, vault: { id: vault.id } });
    },
    count: (title) => titled(title).length,
    text: (title) => titled(title)[0]?.fields.find(({ label }) => label === 'entry')?.value ?? '',
    editMeanwhile: (title, text) => {
      connect.interfere = (request) => {
        if (request.method === 'PUT')
          for (const item of titled(title))
            Object.assign(item, { fields: fieldsOf(text), version: item.version + 1 });
        return false;
      };
    },
    readOnly: () => {
      connect.mayWrite = false;
    },
  };
}

vaultContract('1Password Connect', bench);

describe('a Connect server', () => {
  const keep = (version = 1, timeout?: number) =>
    keepEntry(storeOf(timeout), utf8(connect.token), entryOf('dc', version));

  test('its own activity names the read, and what it lacks is said', async () => {
    await bench();
    const kept = await keep();
    assert.equal(kept.audit, 'on');
    assert.match(kept.request, /^[0-9a-f]{8}-/);
    assert.deepEqual(await checkStore(storeOf(), utf8(connect.token)), []);
    connect.sync = 'TOKEN_NEEDED';
    connect.vaults.splice(0, 1, vaultNamed('Break-Glass', 'EVERYONE'));
    const found = (await checkStore(storeOf(), utf8(connect.token))).map((one) => one.found);
    assert.deepEqual(found, [
      '“Break-Glass” is everybody’s vault, or one person’s.',
      'The Connect server is not in touch with 1Password: what it gives may be old.',
    ]);
  });

  test('an archived item is none: its title is free again', async () => {
    const { put, count } = await bench();
    put('dc (sealed by Halligan)', 'old');
    for (const item of connect.vaults[0]?.items ?? []) item.state = 'ARCHIVED';
    await keep();
    assert.equal(count('dc (sealed by Halligan)'), 2);
    assert.deepEqual(
      (await fetchEntry(storeOf(), utf8(connect.token), 'dc')).entry,
      entryOf('dc', 1),
    );
  });

  test('every status has a meaning, and garbage, silence and a flood are no answers', async () => {
    await bench();
    const answers = (status: number, body: string) => {
      connect.interfere = (_request, response) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(body);
        return true;
      };
    };
    const said = JSON.stringify({ status: 0, message: `echo ${connect.token}` });
    for (const [status, code] of [
      [401, 'systems.rotator-rejected'],
      [403, 'systems.insufficient-access'],
      [404, 'systems.unwilling'],
      [409, 'systems.vault-changed'],
      [429, 'systems.busy'],
      [302, 'systems.unwilling'],
      [500, 'systems.unwilling'],
      [503, 'systems.unwilling'],
    ] as const) {
      answers(status, said);
      const error = await failure(() => keep());
      assert.ok(error instanceof HalliganError);
      assert.equal(error.code, code, String(status));
      assertSilent(error, utf8(connect.token));
    }
    for (const body of [
      '',
      '<html>',
      '{"a":',
      '{}',
      'null',
      '[{"id":"../../x","name":"Break-Glass"}]',
    ])
      await refuses('systems.unwilling', () => {
        answers(200, body);
        return keep();
      });
    connect.interfere = (_request, response) => {
      response.writeHead(200);
      response.write(' '.repeat(49 << 20));
      response.end('[]');
      return true;
    };
    await refuses('systems.connection-lost', () => keep());
    connect.interfere = (request) => {
      request.socket.destroy();
      return true;
    };
    await refuses('systems.connection-lost', () => keep());
    connect.interfere = () => true;
    await refuses('systems.timeout', () => keep(1, 1_000));
    connect.interfere = undefined;
  });

  test('who it is not is not spoken to: another certificate, plain HTTP, a token that is two lines', async () => {
    await bench();
    const { ca: _ca, ...untrusting } = storeOf() as { ca?: string };
    await refuses('systems.tls', () =>
      fetchEntry(parseVaultStore(untrusting), utf8(connect.token), 'dc'),
    );
    const plain = parseVaultStore({ kind: 'onepassword', url: 'http://connect.example.org' });
    await refuses('systems.plaintext', () => fetchEntry(plain, utf8('token'), 'dc'));
    const before = connect.seen.length;
    await refuses('systems.rotator-rejected', () =>
      fetchEntry(storeOf(), utf8('token\r\nX-Other: 1'), 'dc'),
    );
    assert.equal(connect.seen.length, before);
    assert.ok(!connect.seen.some((line) => line.includes(connect.token)));
  });

  test('whatever it says, it is an error of ours or an entry, never another exception', async () => {
    await bench();
    await keep();
    let body = '';
    let at = 0;
    let asked = 0;
    connect.interfere = (_request, response) => {
      asked += 1;
      if (asked !== at) return false;
      response.writeHead(200).end(body);
      return true;
    };
    const shapes = fc.oneof(
      fc.json(),
      fc
        .array(fc.record({ id: fc.constantFrom(connectId(), 'x', ''), name: fc.string() }))
        .map((one) => JSON.stringify(one)),
      fc
        .record({ id: fc.constant(connectId()), version: fc.integer(), fields: fc.anything() })
        .map((one) => JSON.stringify(one) ?? ''),
    );
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer({ min: 1, max: 4 }), async (text, which) => {
        [body, at, asked] = [text, which, 0];
        try {
          const stored = await fetchEntry(storeOf(), utf8(connect.token), 'dc');
          assert.deepEqual(stored.entry, entryOf('dc', 1));
        } catch (error) {
          assert.ok(error instanceof HalliganError, String(error));
        }
      }),
      { numRuns: 60 },
    );
    connect.interfere = undefined;
  });
});
