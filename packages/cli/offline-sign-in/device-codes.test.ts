/** How often a provider is asked whether a code was entered (RFC 8628 section 3.5), and what ends the asking. */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { type Conversation, openidProvider } from '@halligan/device';
import { startOpenidServer } from './openid-provider.fixture.ts';
import { pausesIn } from './pauses.fixture.ts';
import { withPhone } from './phone.fixture.ts';
import { type Said, scriptedIssuer } from './scripted-issuer.fixture.ts';

const ANA = { id: 'id-1', name: 'ana@contoso.example', password: 'correct horse', code: '287082' };
const issuer = await scriptedIssuer();
const server = await startOpenidServer([ANA]);
after(() => Promise.all([issuer.close(), server.close()]));

const refused = (error: string): Said => ({ status: 400, json: { error } });
const PENDING = refused('authorization_pending');
const SLOW_DOWN = refused('slow_down');
const ENTERED = issuer.tokens({ sub: 'id-of-ana', preferred_username: ANA.name });
const hasty: Conversation = { say: () => undefined, ask: async () => new Uint8Array(0) };

/** Asks by a code alone. */
function signIn({ url, ca }: { readonly url: string; readonly ca: string }, conversation = hasty) {
  const of = openidProvider({
    ...{ issuer: url, ca, clientId: 'workstations', flow: 'device', kind: 'mfa' },
    ...{ login: '{user}@contoso.example', claim: 'preferred_username' },
  });
  return of.signIn('ana', new Uint8Array(0), conversation, AbortSignal.timeout(60_000));
}

/** @param given of the code, besides what a code needs */
async function told(context: TestContext, given: object, ...said: readonly Said[]) {
  return toldIn(context, given, said, async () => undefined);
}

async function toldIn(
  context: TestContext,
  given: object,
  said: readonly Said[],
  meanwhile: () => Promise<void>,
) {
  issuer.asked.length = 0;
  issuer.says['/token'] = said;
  issuer.says['/device'] = {
    json: {
      ...{ device_code: 'd', user_code: 'ABCD', expires_in: 900, ...given },
      verification_uri: 'https://issuer.example/device',
    },
  };
  const pauses = pausesIn(context, meanwhile);
  const { answer } = await signIn(issuer);
  const questions = issuer.asked.filter(([path]) => path === '/token').length;
  return { answer, pauses, questions };
}

test('whoever is told to slow down waits 5 s more, from then on, and again', async (context) => {
  const said = [PENDING, SLOW_DOWN, PENDING, SLOW_DOWN, PENDING, ENTERED];
  assert.deepEqual(await told(context, { interval: 3 }, ...said), {
    ...{ answer: 'signed-in', questions: 6 },
    pauses: [3000, 8000, 8000, 13_000, 13_000],
  });
});

test('a provider that names no pause is given 5 s', async (context) => {
  const { pauses } = await told(context, {}, PENDING, ENTERED);
  assert.deepEqual(pauses, [5000]);
});

test('what was refused or has expired is not asked about again', async (context) => {
  for (const error of ['access_denied', 'expired_token'])
    assert.deepEqual(await told(context, {}, PENDING, refused(error), ENTERED), {
      ...{ answer: 'unfinished', questions: 2, pauses: [5000] },
    });
});

test('a code that nobody enters is asked about until its time is over, whatever the provider says', async (context) => {
  const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
  setTimeout(end, 1000);
  const { answer } = await toldIn(context, { expires_in: 1 }, [PENDING], () => isOver);
  assert.equal(answer, 'unfinished');
});

test('a real provider is asked again until the code was entered, or was refused', async (context) => {
  for (const entered of [ANA, 'abort'] as const) {
    let shown: Conversation | undefined;
    const pauses = pausesIn(context, async () => {
      await shown?.ask('', false);
      shown = undefined;
    });
    const phone = withPhone(server.ca, entered);
    const conversation: Conversation = {
      say: (text) => {
        phone.say(text);
        shown = phone;
      },
      ask: async () => new Uint8Array(0),
    };
    const { answer } = await signIn(server, conversation);
    assert.equal(answer, entered === 'abort' ? 'unfinished' : 'signed-in');
    assert.deepEqual(pauses, [5000]);
  }
});
