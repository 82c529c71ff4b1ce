/** What an OpenID provider may answer, and what a sign-in makes of it: told by an issuer that says what it is told to. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, beforeEach, describe, test } from 'node:test';
import { type Conversation, NO_CONVERSATION, openidProvider } from '@halligan/device';
import { utf8 } from '@halligan/format';
import { makeCertificate } from '@halligan/server';
import { type Said, type ScriptedIssuer, scriptedIssuer } from './scripted-issuer.fixture.ts';

const issuer: ScriptedIssuer = await scriptedIssuer();
after(() => issuer.close());
const normal = { ...issuer.says };
beforeEach(() => {
  for (const path of Object.keys(issuer.says)) delete issuer.says[path];
  Object.assign(issuer.says, normal);
  issuer.asked.length = 0;
});

const ANA = { sub: 'id-of-ana', preferred_username: 'ana@contoso.example' };
const refused = (error: string): Said => ({ status: 400, json: { error } });
const DUE = refused('mfa_required');
const PENDING = refused('authorization_pending');

type Settings = Parameters<typeof openidProvider>[0];
function provider(settings: Partial<Settings> = {}) {
  return openidProvider({
    ...{ issuer: issuer.url, ca: issuer.ca, clientId: 'workstations', flow: 'password' },
    ...{ login: '{user}@contoso.example', claim: 'preferred_username', kind: 'mfa', ...settings },
  });
}

/** Somebody who reads what is shown, and presses Enter. */
class Reader implements Conversation {
  readonly shown: string[] = [];
  say(text: string) {
    this.shown.push(text);
  }
  async ask(prompt: string) {
    this.shown.push(prompt);
    return new Uint8Array(0);
  }
}

async function signIn(
  settings: Partial<Settings> = {},
  {
    name = 'ana',
    conversation = new Reader() as Conversation,
    signal = AbortSignal.timeout(60_000),
  } = {},
) {
  return provider(settings).signIn(name, utf8('p &=%/ö\u0000'), conversation, signal);
}

function token(...said: readonly Said[]): void {
  issuer.says['/token'] = said;
}

const KEPT = { answer: 'signed-in', subject: 'id-of-ana', kind: 'mfa', keep: true };
const UNFINISHED = { answer: 'unfinished' };

test('a password that is right, and then a code on another device, is a sign-in that is kept', async () => {
  token(DUE, PENDING, PENDING, issuer.tokens({ ...ANA, amr: ['otp'] }));
  const reader = new Reader();
  assert.deepEqual(await signIn({}, { conversation: reader }), KEPT);
  assert.deepEqual(reader.shown, [
    'On another device open https://issuer.example/device, sign in, and enter the code ABCD-EFGH',
    'Press Enter when you have done so. ',
  ]);
  const [, first, , second] = issuer.asked;
  assert.deepEqual(first, [
    '/token',
    {
      ...{ username: 'ana@contoso.example', password: 'p &=%/ö\u0000', grant_type: 'password' },
      ...{ scope: 'openid profile', client_id: 'workstations' },
    },
  ]);
  assert.deepEqual(second?.[1], {
    ...{ device_code: 'the-device-code', client_id: 'workstations' },
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
  });
});

test('a password alone is enough where people are declared so, or the token shows more than it', async () => {
  token(issuer.tokens(ANA));
  assert.deepEqual(await signIn({ kind: 'sfa' }), { ...KEPT, kind: 'sfa' });
  token(issuer.tokens({ ...ANA, amr: ['pwd', 'mfa'] }));
  assert.deepEqual(await signIn(), KEPT);
  token(issuer.tokens({ ...ANA, acr: 'gold' }));
  assert.deepEqual(await signIn({ acr: 'gold' }), KEPT);
});

test('a password alone is not enough of people with several factors, though the provider takes it', async () => {
  for (const more of [{}, { amr: ['pwd'] }, { amr: ['pwd', 'kba'] }, { amr: [] }]) {
    issuer.asked.length = 0;
    token(issuer.tokens({ ...ANA, ...more }), issuer.tokens(ANA));
    assert.deepEqual(await signIn(), KEPT);
    assert.equal(issuer.asked.filter(([path]) => path === '/device').length, 1);
  }
  token(issuer.tokens({ ...ANA, acr: 'silver', amr: ['mfa'] }));
  assert.deepEqual(await signIn({ acr: 'gold' }), UNFINISHED);
});

test('a password that was taken without saying whose it is waits for the code that says it', async () => {
  const silent = { json: { access_token: 'unused', token_type: 'Bearer' } };
  token(silent, issuer.tokens(ANA));
  assert.deepEqual(await signIn(), KEPT);
  token(silent);
  assert.deepEqual(await signIn({ kind: 'sfa' }), { answer: 'fault', what: 'no-id-token' });
  issuer.asked.length = 0;
  assert.deepEqual(await signIn(), { answer: 'fault', what: 'no-id-token' });
});

test('a code that was entered by a password once more is no second factor', async () => {
  token(DUE, issuer.tokens({ ...ANA, amr: ['pwd'] }));
  assert.deepEqual(await signIn(), UNFINISHED);
});

test('somebody else’s second factor completes nothing', async () => {
  token(DUE, issuer.tokens({ ...ANA, preferred_username: 'eve@contoso.example' }));
  assert.deepEqual(await signIn(), UNFINISHED);
  issuer.asked.length = 0;
  token(issuer.tokens(ANA), issuer.tokens({ ...ANA, sub: 'id-of-eve' }));
  assert.deepEqual(await signIn(), UNFINISHED);
});

test('a code alone is a sign-in of which nothing is kept; somebody else’s is none', async () => {
  const device = { flow: 'device' } as const;
  token(issuer.tokens(ANA));
  assert.deepEqual(await signIn(device), { ...KEPT, kind: 'passwordless', keep: false });
  token(issuer.tokens({ ...ANA, amr: ['pwd'] }));
  assert.deepEqual(await signIn(device), UNFINISHED);
  token(issuer.tokens({ ...ANA, preferred_username: 'eve@contoso.example' }));
  assert.deepEqual(await signIn(device), UNFINISHED);
});

test('who cannot be shown a code is not waited for', async () => {
  token(DUE);
  assert.deepEqual(await signIn({}, { conversation: NO_CONVERSATION }), UNFINISHED);
  assert.equal(issuer.asked.filter(([path]) => path === '/token').length, 1);
});

test('a name is the claim’s, spelled in ASCII, and an address counts where it was verified', async () => {
  const sfa = { kind: 'sfa' } as const;
  const cases: readonly (readonly [object, Partial<Settings>, object])[] = [
    [{ ...ANA, preferred_username: 'Ana@Contoso.example' }, {}, { ...KEPT, kind: 'sfa' }],
    [{ ...ANA, preferred_username: 'ana@contoso.example.org' }, {}, { answer: 'wrong' }],
    [
      { ...ANA, preferred_username: undefined },
      {},
      { answer: 'fault', what: 'no-preferred_username' },
    ],
    [
      { ...ANA, email: 'ana@contoso.example' },
      { claim: 'email' },
      { answer: 'fault', what: 'no-email' },
    ],
    [
      { ...ANA, email: 'ana@contoso.example', email_verified: true },
      { claim: 'email' },
      { ...KEPT, kind: 'sfa' },
    ],
  ];
  for (const [claims, settings, expected] of cases) {
    token(issuer.tokens({ ...claims }));
    assert.deepEqual(await signIn({ ...sfa, ...settings }), expected);
  }
  token(issuer.tokens({ ...ANA, preferred_username: '\u212Aay@contoso.example' }));
  assert.deepEqual(await signIn(sfa, { name: 'kay' }), { answer: 'wrong' });
  for (const name of ['', 'a b', '../ana', 'ana\n', '{user}', 'änä'])
    assert.deepEqual(await signIn(sfa, { name }), { answer: 'wrong' }, name);
});

test('a token that is not the provider’s own for this machine is a fault, and no outage', async () => {
  const now = Math.floor(Date.now() / 1000);
  const forged = (await scriptedIssuer()) satisfies ScriptedIssuer;
  after(() => forged.close());
  const [head, body, signature = ''] = issuer.idToken(ANA).split('.');
  const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
  const tokens: readonly unknown[] = [
    ...[issuer.idToken({ ...ANA, iss: 'https://elsewhere.example' }), undefined, 7, 'a.b.c'],
    ...[issuer.idToken({ ...ANA, aud: 'another' }), issuer.idToken({ ...ANA, exp: now - 60 })],
    ...[issuer.idToken({ ...ANA, aud: ['workstations', 'b'], azp: 'b' })],
    ...[forged.idToken({ ...ANA, iss: issuer.url }), `${unsigned}.${body}.`],
    ...[`${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`],
    ...[issuer.idToken({ ...ANA, sub: undefined })],
  ];
  for (const id_token of tokens) {
    token({ json: { access_token: 'unused', token_type: 'Bearer', id_token } });
    assert.equal((await signIn({ kind: 'sfa' })).answer, 'fault', String(id_token));
  }
});

test('refusals mean what the standard says; what nobody wrote down is a fault', async () => {
  const means: Readonly<Record<string, object>> = {
    invalid_grant: { answer: 'wrong' },
    access_denied: { answer: 'unfinished', due: 'permission' },
    temporarily_unavailable: { answer: 'unreachable' },
    unauthorized_client: { answer: 'fault', what: 'unauthorized_client' },
    'words of\nits own': { answer: 'fault', what: 'unreadable' },
  };
  for (const [error, expected] of Object.entries(means)) {
    token(refused(error));
    assert.deepEqual(await signIn(), expected, error);
  }
  const answers: readonly (readonly [Said, object])[] = [
    [{ status: 500, json: {} }, { answer: 'unreachable' }],
    [{ status: 503, text: 'later' }, { answer: 'unreachable' }],
    [{ status: 429, json: { error: 'x' } }, { answer: 'held-up' }],
    [
      { status: 302, location: '/elsewhere' },
      { answer: 'fault', what: 'OAUTH_RESPONSE_IS_NOT_CONFORM' },
    ],
    [{ text: '<h1>Welcome</h1>' }, { answer: 'fault', what: 'OAUTH_RESPONSE_IS_NOT_JSON' }],
  ];
  for (const [said, expected] of answers) {
    token(said);
    assert.deepEqual(await signIn(), expected, JSON.stringify(said));
  }
});

test('what came of a code says nothing of a password; an outage meanwhile is one when it lasts', async () => {
  for (const error of ['access_denied', 'expired_token', 'invalid_grant']) {
    token(DUE, refused(error));
    assert.deepEqual(await signIn(), UNFINISHED, error);
    issuer.asked.length = 0;
  }
  const lost = { status: 502 };
  token(DUE, lost, lost, PENDING, issuer.tokens(ANA));
  assert.deepEqual(await signIn(), KEPT);
  issuer.asked.length = 0;
  token(DUE, lost);
  assert.deepEqual(await signIn(), { answer: 'unreachable' });
  issuer.says['/device'] = refused('unauthorized_client');
  token(DUE);
  assert.deepEqual(await signIn(), { answer: 'fault', what: 'unauthorized_client' });
});

test('a code or an address that could command a terminal is not shown', async () => {
  const given = {
    device_code: 'd',
    user_code: 'ABCD',
    expires_in: 900,
    verification_uri: 'https://a.example/',
  };
  for (const bad of [
    { user_code: 'AB\u001b[2J' },
    { user_code: '' },
    { verification_uri: 'http://a.example/' },
    { verification_uri: 'javascript:alert(1)' },
    { verification_uri: `https://a.example/${'a'.repeat(400)}` },
  ]) {
    token(DUE);
    issuer.says['/device'] = { json: { ...given, ...bad } };
    const reader = new Reader();
    const { answer } = await signIn({}, { conversation: reader });
    assert.equal(answer, 'fault', JSON.stringify(bad));
    assert.deepEqual(reader.shown, []);
  }
});

test('a person who is waited for is let go when the sign-in is over', async () => {
  token(DUE, PENDING);
  const over = new AbortController();
  const asleep: Conversation = {
    say: () => over.abort(),
    ask: () => new Promise(() => undefined),
  };
  assert.deepEqual(await signIn({}, { conversation: asleep, signal: over.signal }), UNFINISHED);
});

describe('whoever is not the provider', () => {
  const gone = async (of: ReturnType<typeof provider>, signal = AbortSignal.timeout(60_000)) => {
    assert.equal(await of.probe(signal), false);
    const answer = await of.signIn('ana', utf8('secret'), NO_CONVERSATION, signal);
    assert.deepEqual(answer, { answer: 'unreachable' });
    assert.ok(
      issuer.asked.every(([, form]) => !('password' in form)),
      'it was sent a password',
    );
  };

  test('is known by its own document, and by nothing less', async () => {
    assert.equal(await provider().probe(AbortSignal.timeout(60_000)), true);
    const path = '/.well-known/openid-configuration';
    const document = normal[path];
    const json = { ...Object(document).json };
    for (const said of [
      { text: '<h1>Free Wi-Fi</h1>' },
      { json: {} },
      { json: [] },
      { json: { ...json, issuer: 'https://portal.example' } },
      { json: { ...json, issuer: `${issuer.url}/` } },
      { status: 204 },
      { status: 302, location: path, json },
      { status: 500, json },
      { status: 404 },
    ] satisfies readonly Said[]) {
      issuer.says[path] = said;
      await gone(provider());
    }
  });

  test('is gone where its document stands and its token endpoint does not; who refuses is there', async () => {
    const isThere = () => provider().probe(AbortSignal.timeout(60_000));
    for (const status of [400, 401, 403, 404, 429]) {
      token({ status, json: { error: 'invalid_request' } });
      assert.equal(await isThere(), true, String(status));
    }
    for (const status of [500, 502, 503]) {
      token({ status });
      assert.equal(await isThere(), false, String(status));
    }
    const asked = issuer.asked.filter(([path]) => path === '/token');
    assert.deepEqual(asked.at(-1)?.[1], {
      ...{ grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: 'workstations' },
    });
  });

  test('has another certificate, or another host’s', async () => {
    const { cert } = await makeCertificate('other.example');
    await gone(provider({ ca: cert }));
    await gone(provider({ ca: undefined }));
    await gone(provider({ issuer: issuer.url.replace('localhost', '127.0.0.2') }));
    await gone(provider({ issuer: issuer.url.replace('https', 'http') }));
    await gone(provider({ issuer: 'nonsense' }));
  });

  test('accepts and says nothing, and is not waited for', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await gone(provider({ issuer: `https://localhost:${port}` }), AbortSignal.timeout(300));
    silent.close();
    await gone(provider({ issuer: `https://localhost:${port}` }));
  });
});

test('no endpoint without TLS is asked, whatever the document says', async () => {
  const path = '/.well-known/openid-configuration';
  const json = { ...Object(normal[path]).json };
  issuer.says[path] = {
    json: { ...json, token_endpoint: json.token_endpoint.replace('https', 'http') },
  };
  assert.equal((await signIn()).answer, 'fault');
});
