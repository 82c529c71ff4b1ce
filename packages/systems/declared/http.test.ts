/** A declared HTTP interface: the contract over TLS, its words for refusals, hostile names, answers and networks. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { HalliganError, utf8, utf8Text } from '@halligan/format';
import fc from 'fast-check';
import { assertSilent, driverContract, failure, refuses } from '../contract.ts';
import { freePort } from '../free-port.ts';
import { dryRun, generatePassword, parseSystemConfig, readSystemConfig } from '../index.ts';
import { openDriver } from '../open.ts';
import { type Portal, startPortal } from './portal.fixture.ts';

const account = 'breakglass-1';
const page = await readFile(join(import.meta.dirname, '../../../docs/systems/http.md'), 'utf8');
const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';

let folder: string;
let portal: Portal;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halligan-portal-'));
  portal = await startPortal(folder, [account, 'a/../b?c#d e', 'ü:}{account}']);
});
beforeEach(() => {
  portal.interfere = undefined;
});
after(async () => {
  await portal.stop();
  await rm(folder, { recursive: true });
});

/** The page's own example, led to the portal. */
function settings(change: object = {}) {
  const declared = JSON.parse(JSON.stringify(readSystemConfig(example)));
  const whole = { ...declared, url: portal.url, ca: portal.ca, ...change };
  return parseSystemConfig(JSON.parse(JSON.stringify(whole)));
}

/** @param secret null for a person's device, which has none */
function driverWith(change: object = {}, secret: string | null = portal.token) {
  return openDriver(settings(change), secret === null ? undefined : utf8(secret));
}

driverContract('A declared HTTP interface', async () => ({
  driver: driverWith(),
  prover: driverWith({}, null),
  account,
  stranger: 'nobody-of-that-name',
}));

describe('A declared HTTP interface', () => {
  test('is asked for what it tells: status, time, roles', async () => {
    const driver = driverWith();
    await driver.setPassword(account, generatePassword());
    const seen = await driver.inspect(account);
    assert.ok(seen.exists);
    assert.equal(seen.locked, false);
    assert.equal(seen.mustChangePassword, false);
    assert.deepEqual(seen.groups, ['administrators', 'owners']);
    assert.notEqual(seen.passwordChangedAt, 'unknown');
    assert.equal(seen.access.keys, 'unknown');
  });

  test('names are data in an address: none leads elsewhere, and none is an address’s secret', async () => {
    const driver = driverWith();
    const secret = generatePassword();
    for (const name of ['a/../b?c#d e']) {
      await driver.setPassword(name, secret);
      assert.equal(await driver.prove(name, secret), 'accepted');
    }
    await driver.setPassword('ü:}{account}', secret);
    await refuses('systems.account-name', () => driver.prove('ü:}{account}', secret));
    for (const name of ['.', '..'])
      await refuses('systems.account-name', () => driver.setPassword(name, secret));
    const lines = portal.seen.join('\n');
    assert.ok(!lines.includes(utf8Text(secret)) && !lines.includes(portal.token));
    assert.ok(!lines.includes(encodeURIComponent(utf8Text(secret))));
  });

  test('a proof leaves no session behind', async () => {
    const driver = driverWith();
    const secret = generatePassword();
    await driver.setPassword(account, secret);
    portal.sessions.clear();
    assert.equal(await driver.prove(account, secret), 'accepted');
    assert.equal(portal.sessions.size, 0);
    assert.equal(await driverWith({ prove: withoutSignOut() }).prove(account, secret), 'accepted');
    assert.equal(portal.sessions.size, 1);
  });

  test('what the table says is what it is called; what it does not say is not guessed', async () => {
    const driver = driverWith();
    await refuses('systems.constraint', () => driver.setPassword(account, utf8('abc')));
    await refuses('systems.rotator-rejected', () => driverWith({}, 'wrong').inspect(account));
    await refuses('systems.secret-missing', () => driverWith({}, null).inspect(account));
    for (const status of [201, 302, 429, 500]) {
      portal.interfere = (_request, response) => {
        response.writeHead(status, { location: 'https://elsewhere.example/' }).end('{}');
        return true;
      };
      await refuses('systems.unexplained', () => driver.setPassword(account, generatePassword()));
      await refuses('systems.unexplained', () => driver.prove(account, generatePassword()));
    }
    portal.interfere = (_request, response) => {
      response.writeHead(423).end('{}');
      return true;
    };
    await refuses('systems.account-locked', () => driver.prove(account, generatePassword()));
  });

  test('silence, a cut, garbage and a stranger’s certificate are told apart, and none carries a secret', async () => {
    const secret = generatePassword();
    const fails = async (code: string, change: object = {}) => {
      const driver = driverWith(change);
      await refuses(code, () => driver.prove(account, secret));
      assertSilent(await failure(() => driver.setPassword(account, secret)), secret);
    };
    await fails('systems.unreachable', { url: `https://127.0.0.1:${await freePort()}` });
    await fails('systems.tls', { ca: undefined });
    portal.interfere = () => true;
    await fails('systems.timeout', { timeout: 300 });
    portal.interfere = (request) => {
      request.socket.destroy();
      return true;
    };
    await fails('systems.unreachable');
    portal.interfere = (_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"token":');
      response.socket?.destroySoon();
      return true;
    };
    await fails('systems.unreachable');
    portal.interfere = (_request, response) => {
      response.writeHead(200).end('x'.repeat(300_000));
      return true;
    };
    await fails('systems.unreachable');
  });

  test('an account that changes itself is asked with what was given up, or its first password', async () => {
    const old = generatePassword();
    await driverWith().setPassword(account, old);
    const self = {
      rotation: 'self',
      inspect: undefined,
      set: {
        request: {
          method: 'GET',
          path: '/session',
          basic: { user: '{account}', password: '{old}' },
          headers: { 'x-new': 'length of {password} is not looked at' },
        },
        answers: [
          { status: [200], means: 'done' },
          { status: [401], means: 'old-rejected' },
        ],
      },
    };
    const driver = driverWith(self, `other:x\n${account}:${utf8Text(old)}`);
    await driver.setPassword(account, utf8('next-password-that-is-long'));
    await refuses('systems.old-rejected', () =>
      driver.setPassword(account, generatePassword(), generatePassword()),
    );
    await refuses('systems.old-missing', () => driver.setPassword('third', generatePassword()));
    await refuses('systems.cannot-inspect', () => driver.inspect(account));
  });
});

describe('settings of a declared HTTP interface', () => {
  test('a secret in an address, a place for what a step has not, and a plain address are refused', () => {
    const declared = JSON.parse(JSON.stringify(readSystemConfig(example)));
    const wrong = (change: (copy: typeof declared) => void) => {
      const copy = structuredClone(declared);
      change(copy);
      assert.throws(() => parseSystemConfig(copy), { code: 'systems.config' });
    };
    wrong((copy) => {
      copy.set.request.path = '/users/{account}?password={password}';
    });
    wrong((copy) => {
      copy.url = 'https://portal.example/?token={credential}';
    });
    wrong((copy) => {
      copy.prove.request.headers = { authorization: 'Bearer {credential}' };
    });
    wrong((copy) => {
      copy.set.request.json = { value: '{old}' };
    });
    wrong((copy) => {
      copy.rotation = 'self';
    });
    wrong((copy) => {
      copy.prove.answers = [{ status: [200], means: 'accepted' }];
    });
    wrong((copy) => {
      copy.set.request.headers['Content-Length'] = '1';
    });
    const plain = { ...declared, url: 'http://portal.example' };
    assert.throws(() => openDriver(parseSystemConfig(plain), undefined), {
      code: 'systems.plaintext',
    });
  });

  test('YAML that is broken, huge or full of aliases is refused with its line', () => {
    for (const text of [
      'driver: [',
      'a: &a [x]\nb: *a',
      `# ${'x'.repeat(300_000)}`,
      'driver: x\ndriver: y',
    ])
      assert.throws(
        () => readSystemConfig(text),
        (error) => {
          assert.ok(error instanceof HalliganError);
          assert.equal(error.code, 'systems.config');
          return true;
        },
      );
  });

  test('a dry run shows every request, sends none, and has no secret to show', () => {
    const before = portal.seen.length;
    const text = dryRun(settings(), account)
      .map(({ step, lines }) => `${step}\n${lines.join('\n')}`)
      .join('\n');
    assert.match(text, /^inspect\nGET https:.*\/users\/breakglass-1\n/);
    assert.match(text, /authorization: Bearer ‹credential›/);
    assert.match(text, /PUT .*\/users\/breakglass-1\/password\n[\s\S]*\{"value":"‹password›"\}/);
    assert.match(text, /authorization: Basic of breakglass-1:‹password›/);
    assert.equal(portal.seen.length, before);
    assert.throws(() => dryRun(parseSystemConfig({ driver: 'practice', folder: '/x' }), account), {
      code: 'systems.no-dry-run',
    });
  });

  test('whatever a password holds, the JSON that is sent holds just that', async () => {
    const driver = driverWith();
    let body = '';
    portal.interfere = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        body = Buffer.concat(chunks).toString('utf8');
        response.writeHead(200).end('{"ok":true}');
      });
      return true;
    };
    const printable = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
      .filter((text) => !/\p{Cc}/u.test(text) && text.isWellFormed());
    await fc.assert(
      fc.asyncProperty(printable, async (text) => {
        await driver.setPassword(account, utf8(text));
        assert.deepEqual(JSON.parse(body), { value: text });
      }),
      { numRuns: 100, seed: 4 },
    );
  });
});

function withoutSignOut() {
  const { prove } = JSON.parse(JSON.stringify(readSystemConfig(example)));
  return { request: prove.request, answers: prove.answers };
}
