/** People of a real directory sign in through it; what is no answer of the directory is none. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ldapProvider, NO_CONVERSATION, type Provider } from '@halligan/device';
import { HalliganError, utf8 } from '@halligan/format';
import { type Slapd, startSlapd } from '@halligan/systems';

const folder = mkdtempSync(join(tmpdir(), 'halligan-slapd-'));
const missing = (error: unknown) =>
  error instanceof HalliganError && error.code === 'systems.component-missing'
    ? error.message
    : undefined;
let slapd: Slapd | undefined;
let skip: string | false = false;
try {
  slapd = await startSlapd({ folder: join(folder, 'main'), showsOwn: true });
} catch (error) {
  skip = missing(error) ?? assert.fail(String(error));
}
after(async () => {
  await slapd?.stop();
  rmSync(folder, { recursive: true });
});

const NAME = 'breakglass-admin';
const patience = () => AbortSignal.timeout(10_000);

function started(): Slapd {
  return slapd ?? assert.fail('no directory');
}

function provider(settings: { readonly url?: string; readonly ca?: string | undefined } = {}) {
  const { url, ca, accountDn } = started();
  return ldapProvider({
    url,
    ca,
    bind: accountDn.replace(NAME, '{user}'),
    kind: 'mfa',
    ...settings,
  });
}

async function signedIn(of: Provider, password: Uint8Array) {
  const answer = await of.signIn(NAME, password, NO_CONVERSATION, patience());
  return answer.answer === 'signed-in' ? answer : assert.fail(answer.answer);
}

test('a bind over verified TLS is a sign-in, and a wrong one is none', { skip }, async () => {
  const { initialPassword } = started();
  assert.equal(await provider().probe(patience()), true);
  const { subject, ...rest } = await signedIn(provider(), initialPassword);
  assert.match(subject, /^entryUUID:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.deepEqual(rest, { answer: 'signed-in', formerly: NAME, kind: 'mfa', keep: true });
  for (const [name, password] of [
    [NAME, utf8('wrong')],
    ['nobody-here', initialPassword],
    [NAME, new Uint8Array(0)],
    ['', initialPassword],
    [`${NAME},ou=emergency`, initialPassword],
    ['*', initialPassword],
  ] as const)
    assert.deepEqual(await provider().signIn(name, password, NO_CONVERSATION, patience()), {
      answer: 'wrong',
    });
});

test('a name that is given to somebody else is somebody else', { skip }, async () => {
  const { accountDn, initialPassword, modify } = started();
  const { subject } = await signedIn(provider(), initialPassword);
  const entry = ['objectClass: inetOrgPerson', `cn: ${NAME}`, `sn: ${NAME}`];
  modify(`dn: ${accountDn}\nchangetype: delete\n`);
  modify(
    [`dn: ${accountDn}`, 'changetype: add', ...entry, 'userPassword: of another', ''].join('\n'),
  );
  const other = await signedIn(provider(), utf8('of another'));
  assert.match(other.subject, /^entryUUID:/);
  assert.notEqual(other.subject, subject);
});

test('where people may not read their own entry their name is all there is', {
  skip,
}, async (context) => {
  const silent = await startSlapd({ folder: join(folder, 'silent') });
  context.after(() => silent.stop());
  const { url, ca } = silent;
  assert.deepEqual(await signedIn(provider({ url, ca }), silent.initialPassword), {
    ...{ answer: 'signed-in', subject: NAME, kind: 'mfa', keep: true },
  });
});

test('whoever has not the directory’s certificate is not the provider, nor is one who says nothing', {
  skip,
}, async () => {
  const { initialPassword } = started();
  const elsewhere = provider({ ca: undefined });
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const address = silent.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const mute = provider({ url: `ldaps://127.0.0.1:${port}` });
  for (const other of [elsewhere, mute]) {
    assert.equal(await other.probe(AbortSignal.timeout(300)), false);
    const answer = await other.signIn(
      NAME,
      initialPassword,
      NO_CONVERSATION,
      AbortSignal.timeout(300),
    );
    assert.deepEqual(answer, { answer: 'unreachable' });
  }
  silent.close();
});
