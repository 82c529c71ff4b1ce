/** People of Glewlwyd, an OpenID provider in C that shares no line with ours nor with our libraries. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type Conversation, openidProvider } from '@halligan/device';
import { utf8 } from '@halligan/format';
import { makeCertificate } from '@halligan/server';
import { Browser } from './browser.fixture.ts';
import { pausesIn } from './pauses.fixture.ts';

const PROGRAM = '/usr/bin/glewlwyd';
const SCHEMA = '/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz';
const skip = existsSync(PROGRAM) && existsSync(SCHEMA) ? false : 'needs Debian’s package glewlwyd';

const ANA = { username: 'ana', password: 'correct horse' };
const folder = mkdtempSync(join(tmpdir(), 'halligan-glewlwyd-'));
after(() => rmSync(folder, { recursive: true }));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Starts it in the folder, as its own documents configure it, with one person and one public client. */
async function started() {
  const { key, cert } = await makeCertificate('localhost');
  const port = await freePort();
  const url = `https://localhost:${port}`;
  const at = (name: string) => join(folder, name);
  writeFileSync(at('tls.key'), key, { mode: 0o600 });
  writeFileSync(at('tls.crt'), cert);
  const database = new DatabaseSync(at('glewlwyd.db'));
  database.exec(gunzipSync(readFileSync(SCHEMA)).toString('utf8'));
  database.close();
  const modules = ['user', 'client', 'plugin'].map(
    (kind) => `${kind}_module_path="/usr/lib/glewlwyd/${kind}"`,
  );
  writeFileSync(
    at('glewlwyd.conf'),
    [
      ...[`port=${port}`, 'bind_address="127.0.0.1"', `external_url="${url}"`],
      ...['login_url="login.html"', 'api_prefix="api"', 'log_mode="console"', 'log_level="INFO"'],
      ...['cookie_domain="localhost"', 'session_expiration=3600', 'session_key="session"'],
      ...['admin_scope="g_admin"', 'profile_scope="g_profile"', 'hash_algorithm="SHA512"'],
      ...[...modules, 'user_auth_scheme_module_path="/usr/lib/glewlwyd/scheme"'],
      ...['use_secure_connection=true', `secure_connection_key_file="${at('tls.key')}"`],
      `secure_connection_pem_file="${at('tls.crt')}"`,
      `database = { type="sqlite3" path="${at('glewlwyd.db')}" };\n`,
    ].join('\n'),
  );
  const child = spawn(PROGRAM, [`--config-file=${at('glewlwyd.conf')}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  after(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'close');
  });
  child.stderr.resume();
  for await (const line of createInterface({ input: child.stdout }))
    if (/Glewlwyd started on port/.test(line)) break;
  child.stdout.resume();

  const admin = new Browser(cert);
  const tell = async (browser: Browser, path: string, json: object, method?: 'PUT') => {
    const { status, html } = await browser.tell(`${url}/api/${path}`, json, method);
    assert.equal(status, 200, `${path} ${html}`);
  };
  await tell(admin, 'auth/', { username: 'admin', password: 'password' });
  await tell(admin, 'mod/plugin/', {
    ...{ module: 'oidc', name: 'oidc', display_name: 'oidc', enabled: true },
    parameters: {
      ...{ iss: `${url}/api/oidc`, 'jwt-type': 'ecdsa', 'jwt-key-size': '256', key, cert },
      ...{ 'access-token-duration': 60, 'refresh-token-duration': 60, 'code-duration': 60 },
      ...{ 'allow-non-oidc': true, 'auth-type-password-enabled': true },
      ...{ 'auth-type-device-enabled': true, 'auth-type-id-token-enabled': true },
      ...{ 'allowed-scope': ['openid'], 'subject-type': 'public', 'jwks-show': true },
      claims: [
        {
          ...{ name: 'preferred_username', 'user-property': 'username', type: 'string' },
          ...{ mandatory: true, 'on-demand': true, scope: [] },
        },
      ],
    },
  });
  await tell(admin, 'user/?source=database', {
    ...{ ...ANA, name: 'Ana', email: '', enabled: true, scope: ['openid', 'g_profile'] },
  });
  await tell(admin, 'client/?source=database', {
    ...{ client_id: 'workstations', name: 'workstations', enabled: true, confidential: false },
    ...{ authorization_type: ['password', 'device_authorization'], scope: ['openid'] },
  });
  /** Ana, who enters a code on her phone. */
  const phone = (): Conversation => {
    let shown = '';
    return {
      say: (line) => {
        shown = line;
      },
      ask: async () => {
        const code = / code (\S+)$/.exec(shown)?.[1] ?? '';
        const browser = new Browser(cert);
        await tell(browser, 'auth/', ANA);
        await tell(browser, 'auth/grant/workstations', { scope: 'openid' }, 'PUT');
        await browser.ask(`${url}/api/oidc/device?code=${code}&g_continue`);
        return new Uint8Array(0);
      },
    };
  };
  return { url, cert, phone };
}

test('Glewlwyd’s people sign in by a code; what it says without words is a fault and no outage', {
  skip,
}, async () => {
  const { url, cert, phone } = await started();
  const provider = (flow: 'password' | 'device', kind: 'sfa' | 'mfa') =>
    openidProvider({
      ...{ issuer: `${url}/api/oidc`, ca: cert, clientId: 'workstations', flow, kind },
      ...{ login: '{user}', claim: 'preferred_username' },
    });
  const signIn = (of: ReturnType<typeof provider>, password: string) =>
    of.signIn('ana', utf8(password), phone(), AbortSignal.timeout(120_000));

  assert.equal(await provider('device', 'sfa').probe(AbortSignal.timeout(60_000)), true);
  const { subject, ...rest } = { subject: '', ...(await signIn(provider('device', 'mfa'), '')) };
  assert.deepEqual(rest, { answer: 'signed-in', kind: 'passwordless', keep: false });
  assert.match(subject, /^\w{32}$/);
  // It takes passwords from clients with a secret alone, and refuses others without the words of RFC 6749.
  for (const password of [ANA.password, 'wrong'])
    assert.deepEqual(await signIn(provider('password', 'mfa'), password), {
      ...{ answer: 'fault', what: 'OAUTH_RESPONSE_IS_NOT_JSON' },
    });
});

test('Glewlwyd tells whoever asks too soon to slow down, and then takes the code', {
  skip,
}, async (context) => {
  const { url, cert, phone } = await started();
  const of = openidProvider({
    ...{ issuer: `${url}/api/oidc`, ca: cert, clientId: 'workstations', flow: 'device' },
    ...{ login: '{user}', claim: 'preferred_username', kind: 'mfa' },
  });
  const ana = phone();
  // She presses Enter at once; the first pause is left out, and in the second, the longer one, she enters the code.
  const pauses = pausesIn(context, async (milliseconds) => {
    if (milliseconds < 10_000) return;
    await ana.ask('', false);
    await new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
  });
  const hasty: Conversation = { say: ana.say, ask: async () => new Uint8Array(0) };
  const { answer } = await of.signIn('ana', utf8(''), hasty, AbortSignal.timeout(120_000));
  assert.equal(answer, 'signed-in');
  assert.deepEqual(pauses, [5000, 10_000]);
});
