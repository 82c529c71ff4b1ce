/** People of a real OpenID provider, by a password, a code, and both; and then without it. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Conversation, openidProvider } from '@halligan/device';
import { utf8 } from '@halligan/format';
import { startOpenidServer } from './openid-provider.fixture.ts';
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
