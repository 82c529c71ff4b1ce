/** People of a real OpenID provider, by a password, a code, and both; and then without it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import { type Conversation, configuredProvider, openidProvider } from '@halligan/device';
import { utf8 } from '@halligan/format';
import { CLIENT_SECRET, startOpenidServer } from './openid-provider.fixture.ts';
import { type Entered, withPhone } from './phone.fixture.ts';

const ANA = { id: 'id-1', name: 'ana@contoso.example', password: 'correct horse', code: '287082' };
const BEN = { id: 'id-2', name: 'ben@contoso.example', password: 'battery staple' };
const server = await startOpenidServer([ANA, BEN]);
after(() => server.close());

function provider(flow: 'password' | 'device', kind: 'sfa' | 'mfa' = 'mfa') {
  return openidProvider({
    ...{ issuer: server.url, ca: server.ca, clientId: 'workstations', flow, kind },
    ...{ login: '{user}@contoso.example', claim: 'preferred_username' },
  });
}

const signIn = (
  of: ReturnType<typeof provider>,
  name: string,
  password: string,
  conversation: Conversation,
) => of.signIn(name, utf8(password), conversation, AbortSignal.timeout(60_000));

const phone = (entered: Entered) => withPhone(server.ca, entered);
const nobody: Conversation = { say: () => assert.fail('shown'), ask: () => assert.fail('asked') };

test('a password and another factor on another device are a sign-in that is kept', async () => {
  const of = provider('password');
  assert.equal(await of.probe(AbortSignal.timeout(60_000)), true);
  assert.deepEqual(await signIn(of, 'ana', ANA.password, phone(ANA)), {
    ...{ answer: 'signed-in', subject: ANA.id, kind: 'mfa', keep: true },
  });
});

test('a wrong password is known before anything is shown', async () => {
  for (const [name, password] of [
    ['ana', 'wrong'],
    ['nobody', ANA.password],
  ] as const)
    assert.deepEqual(await signIn(provider('password'), name, password, nobody), {
      answer: 'wrong',
    });
});

test('who is declared to have a password alone signs in by it, and no second factor of others’ counts', async () => {
  assert.deepEqual(await signIn(provider('password', 'sfa'), 'ben', BEN.password, nobody), {
    ...{ answer: 'signed-in', subject: BEN.id, kind: 'sfa', keep: true },
  });
  // Ben, who has a password alone, cannot complete what is asked of Ana, nor of people with several factors.
  for (const [name, password] of [
    ['ana', ANA.password],
    ['ben', BEN.password],
  ] as const)
    assert.deepEqual(
      await signIn(provider('password'), name, password, phone(BEN)),
      { answer: 'unfinished' },
      name,
    );
});

test('a code alone is a sign-in of which nothing is kept, and a refused one is none', async () => {
  const of = provider('device');
  assert.deepEqual(await signIn(of, 'ana', '', phone(ANA)), {
    ...{ answer: 'signed-in', subject: ANA.id, kind: 'passwordless', keep: false },
  });
  assert.deepEqual(await signIn(of, 'ben', '', phone(ANA)), { answer: 'unfinished' });
  assert.deepEqual(await signIn(of, 'ana', '', phone('abort')), { answer: 'unfinished' });
});

for (const clientAuth of ['client_secret_basic', 'client_secret_post'] as const)
  test(`a confidential client shows its secret by ${clientAuth}, which a file of root’s alone holds, and no answer does`, async (context) => {
    const insists = await startOpenidServer([ANA], clientAuth);
    context.after(() => insists.close());
    const folder = mkdtempSync(join(tmpdir(), 'halligan-client-'));
    context.after(() => rmSync(folder, { recursive: true }));
    const caFile = join(folder, 'ca.pem');
    writeFileSync(caFile, insists.ca);
    const withSecret = (content: string, mode: number) => {
      const clientSecretFile = join(folder, `secret-${content.length}-${mode}`);
      writeFileSync(clientSecretFile, content, { mode });
      return configuredProvider({
        ...{
          kind: 'openid',
          issuer: insists.url,
          caFile,
          clientId: 'with-secret',
          clientSecretFile,
        },
        ...{ users: 'mfa', flow: 'password', claim: 'preferred_username' },
        login: '{user}@contoso.example',
      });
    };
    const right = await withSecret(`${CLIENT_SECRET}\n`, 0o600);
    assert.equal(await right.probe(AbortSignal.timeout(60_000)), true);
    assert.deepEqual(await signIn(right, 'ana', ANA.password, withPhone(insists.ca, ANA)), {
      ...{ answer: 'signed-in', subject: ANA.id, kind: 'mfa', keep: true },
    });
    const wrong = await withSecret('another', 0o600);
    assert.deepEqual(await signIn(wrong, 'ana', ANA.password, nobody), {
      ...{ answer: 'fault', what: 'invalid_client' },
    });
    for (const [content, mode] of [
      [CLIENT_SECRET, 0o640],
      [`${CLIENT_SECRET}\n${CLIENT_SECRET}`, 0o600],
      ['', 0o600],
    ] as const)
      await assert.rejects(withSecret(content, mode), (error: unknown) => {
        assert.match(inspect(error, { depth: null }), /device\.config/);
        assert.ok(!inspect(error, { depth: null }).includes(CLIENT_SECRET));
        return true;
      });
  });
