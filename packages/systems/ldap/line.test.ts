import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { TLSSocket } from 'node:tls';
import { HalliganError } from '@halligan/format';
import { assertSilent, failure, refuses } from '../contract.ts';
import { generatePassword, parseSystemConfig, startSlapd } from '../index.ts';
import { openDriver } from '../open.ts';
import { startedComponent } from '../started-component.fixture.ts';
import { fakeDirectory, ldapResult, messageIdOf } from './fake-directory.ts';

const secret = generatePassword();
const password = generatePassword();

const config = (url: string, more: object = {}) =>
  parseSystemConfig({
    driver: 'openldap',
    url,
    accounts: { by: 'name', attribute: 'uid', base: 'ou=emergency,dc=x' },
    rotator: 'cn=rotator,dc=x',
    ...more,
  });

/** The same question asked in all three ways; none of them may end in an answer. */
async function everyWay(code: string, url: string, more: object = {}): Promise<void> {
  const driver = openDriver(config(url, more), secret);
  const calls = [
    () => driver.inspect('a'),
    () => driver.setPassword('a', password),
    () => driver.prove('a', password),
  ];
  for (const call of calls) {
    await refuses(code, call);
    const error = await failure(call);
    assertSilent(error, password);
    assertSilent(error, secret);
  }
}

test('passwords never cross a network unencrypted', () => {
  const plain = [
    'ldap://directory.example.org',
    'ldap://192.0.2.1',
    'ldap://127.0.0.1.example.org',
    'ldap://[2001:db8::1]:389',
    'ldap://0.0.0.0',
  ];
  for (const url of plain) {
    const open = () => openDriver(config(url), secret);
    assert.throws(open, (e) => e instanceof HalliganError && e.code === 'systems.plaintext', url);
  }
  for (const url of ['ldap://localhost', 'ldap://127.0.0.1:10389', 'ldap://[::1]']) {
    openDriver(config(url), secret);
  }
});

test('an address says where, and nothing else', () => {
  const wrong: readonly [string, object?][] = [
    ['ldaps://user:word@host'],
    ['ldaps://host/dc=x'],
    ['ldaps://host?uid'],
    ['ldaps://'],
    ['https://host'],
    ['ldaps://host', { startTls: true }],
    ['ldaps://host', { accounts: { by: 'name', attribute: 'uid)(', base: 'dc=x' } }],
    ['ldaps://host', { secret: 'in the wrong place' }],
  ];
  for (const [url, more] of wrong) {
    const open = () => openDriver(config(url, more), secret);
    assert.throws(open, (e) => e instanceof HalliganError && e.code === 'systems.config', url);
  }
});

test("a directory that is down gives an error, never 'rejected'", async () => {
  const gone = await fakeDirectory(() => undefined);
  await gone.stop();
  await everyWay('systems.unreachable', `ldap://127.0.0.1:${gone.port}`);
});

test('a directory that says nothing is given up after the time set', async (t) => {
  const silent = await fakeDirectory(() => undefined);
  t.after(() => silent.stop());
  for (const [scheme, more] of [
    ['ldap', {}],
    ['ldap', { startTls: true }],
    ['ldaps', {}],
  ] as const) {
    const url = `${scheme}://127.0.0.1:${silent.port}`;
    await everyWay('systems.timeout', url, { ...more, timeout: 100 });
  }
});

test('a connection that closes before the answer is no answer', async (t) => {
  const rude = await fakeDirectory((socket) => socket.on('data', () => socket.end()));
  t.after(() => rude.stop());
  await everyWay('systems.connection-lost', `ldap://127.0.0.1:${rude.port}`);
});

test('a directory that answers nonsense is given up, and its words are not repeated', async (t) => {
  const nonsense = await fakeDirectory((socket) =>
    socket.on('data', (request: Buffer) =>
      socket.end(Buffer.concat([Buffer.from([0x30, 5]), request])),
    ),
  );
  t.after(() => nonsense.stop());
  const driver = openDriver(config(`ldap://127.0.0.1:${nonsense.port}`, { timeout: 500 }), secret);
  const error = await failure(() => driver.prove('a', password));
  assert.ok(error instanceof HalliganError);
  assertSilent(error, password);
});

test('a directory that echoes the password into its refusal does not get it into an error', async (t) => {
  const echo = await fakeDirectory((socket) =>
    socket.on('data', (request: Buffer) =>
      socket.write(ldapResult(messageIdOf(request), 0x61, 53, request)),
    ),
  );
  t.after(() => echo.stop());
  await everyWay('systems.unwilling', `ldap://127.0.0.1:${echo.port}`);
});

test('result codes are explained, each with its own code', async (t) => {
  const codes: readonly (readonly [number, string])[] = [
    [8, 'systems.confidentiality-required'],
    [10, 'systems.referral'],
    [13, 'systems.confidentiality-required'],
    [19, 'systems.constraint'],
    [32, 'systems.account-unknown'],
    [34, 'systems.dn'],
    [50, 'systems.insufficient-access'],
    [51, 'systems.busy'],
    [52, 'systems.busy'],
    [53, 'systems.unwilling'],
    [80, 'systems.refused'],
  ];
  let answer = 0;
  const server = await fakeDirectory((socket) =>
    socket.on('data', (request: Buffer) =>
      socket.write(ldapResult(messageIdOf(request), 0x61, answer, new Uint8Array())),
    ),
  );
  t.after(() => server.stop());
  const driver = openDriver(config(`ldap://127.0.0.1:${server.port}`), undefined);
  for (const [number, code] of codes) {
    answer = number;
    await refuses(code, () => driver.prove('a', password));
  }
  answer = 49;
  assert.equal(await driver.prove('a', password), 'rejected');
});

test('where the library would print requests, the driver does not open', async () => {
  const program = `
    import { openDriver, parseSystemConfig } from ${JSON.stringify(import.meta.resolve('../index.ts'))};
    const config = parseSystemConfig(${JSON.stringify(config('ldaps://host'))});
    try { await openDriver(config, undefined); } catch (error) { console.log(error.code); }
  `;
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, NODE_DEBUG: 'ldapts' },
  });
  assert.equal(done.stdout.toString().trim(), 'systems.debugging-leaks');
});

const started = await startedComponent('slapd', (folder) =>
  startSlapd({ folder: join(folder, 'one') }),
);
const { running: directory, folder } = started;

describe('trust in a directory', started, () => {
  test('a certificate of another CA is refused, whatever the environment says', async (t) => {
    const other = await startSlapd({ folder: join(folder, 'two') });
    await other.stop();
    const { url, plainUrl } = directory();
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    t.after(() => {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    });
    await everyWay('systems.tls', url, { ca: other.ca });
    await everyWay('systems.tls', url);
    await everyWay('systems.tls', plainUrl, { startTls: true, ca: other.ca });
  });

  test('a certificate for another name is refused', async (t) => {
    const { ca } = directory();
    const secure = await impostor();
    const server = await fakeDirectory((socket) => secure(socket), '127.0.0.2');
    t.after(() => server.stop());
    await everyWay('systems.tls', `ldaps://127.0.0.2:${server.port}`, { ca });
  });

  test('a name is checked as a name', async () => {
    const { url, ca, config: real, initialPassword } = directory();
    const named = parseSystemConfig({ ...real, url: url.replace('127.0.0.1', 'localhost'), ca });
    const driver = openDriver(named, undefined);
    assert.equal(await driver.prove('breakglass-admin', initialPassword), 'accepted');
  });

  test('a directory without StartTLS is refused, and no password is sent', async (t) => {
    const seen: Buffer[] = [];
    const server = await fakeDirectory((socket) =>
      socket.on('data', (request: Buffer) => {
        seen.push(request);
        socket.write(ldapResult(messageIdOf(request), 0x78, 2, new Uint8Array()));
      }),
    );
    t.after(() => server.stop());
    await everyWay('systems.refused', `ldap://127.0.0.1:${server.port}`, { startTls: true });
    const sent = Buffer.concat(seen);
    assert.equal(sent.indexOf(password), -1);
    assert.equal(sent.indexOf(secret), -1);
  });

  test('bytes put before the handshake cannot turn a refusal into a yes', async (t) => {
    // The adversary on the network answers StartTLS, then leaves the beginning of a "success" whose text would
    // swallow the directory's true refusal. A parser that lives on across the handshake believes it.
    const refusal = (messageId: number) => ldapResult(messageId, 0x61, 49, new Uint8Array());
    const size = refusal(0).length;
    const opening = (messageId: number) =>
      ldapResult(messageId, 0x61, 0, Buffer.alloc(size)).subarray(0, -size);
    const secure = await impostor();
    let guess = 0;
    let binds = 0;
    const server = await fakeDirectory((socket) => {
      socket.once('data', (request: Buffer) => {
        const id = messageIdOf(request);
        const yes = ldapResult(id, 0x78, 0, new Uint8Array());
        socket.write(Buffer.concat([yes, opening(id + guess)]));
        const secured = secure(socket);
        secured.once('data', (bind: Buffer) => {
          binds += 1;
          secured.write(refusal(messageIdOf(bind)));
        });
      });
    });
    t.after(() => server.stop());
    const { ca } = directory();
    const url = `ldap://127.0.0.1:${server.port}`;
    const driver = openDriver(config(url, { ca, startTls: true, timeout: 2000 }), undefined);
    for (guess = 0; guess < 2; guess += 1) {
      assert.equal(await driver.prove('a', password), 'rejected');
    }
    assert.equal(binds, 2);
  });

  /** Turns a connection into one that presents the directory's own certificate. */
  async function impostor(): Promise<(socket: Socket) => TLSSocket> {
    const key = await readFile(join(folder, 'one', 'tls.key'), 'utf8');
    return (socket) => {
      const secured = new TLSSocket(socket, { isServer: true, key, cert: directory().ca });
      secured.on('error', () => socket.destroy());
      return secured;
    };
  }
});
