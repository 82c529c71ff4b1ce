/**
 * Microsoft Entra ID by its documented answers: an issuer that says them stands in for it. Nothing here was tried
 * against Microsoft's own service.
 */
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { type Conversation, type EntraSettings, entraProvider } from '@halligan/device';
import { utf8 } from '@halligan/format';
import { type Said, scriptedIssuer } from './scripted-issuer.fixture.ts';

const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const OBJECT = '6731de76-14a6-49ae-97bc-6eba6914391e';
const issuer = await scriptedIssuer(`/${TENANT}/v2.0`);
after(() => issuer.close());
beforeEach(() => {
  issuer.asked.length = 0;
});

const ANA = { sub: 'AAAA', oid: OBJECT, tid: TENANT, preferred_username: 'Ana@contoso.com' };
const READER: Conversation = { say: () => undefined, ask: async () => new Uint8Array(0) };

/** As the service writes an error; its words are there, and must not be what counts. */
function aadsts(code: number, error = 'invalid_grant'): Said {
  const error_description = `AADSTS${code}: The user or administrator has … AADSTS50126 AADSTS50076 Trace ID: 255d1aef`;
  const json = { error, error_description, error_codes: [code], trace_id: '255d1aef' };
  return { status: 400, json: { ...json, timestamp: '2026-11-27 11:00:00Z', suberror: 'x' } };
}

function signIn(settings: Partial<EntraSettings> = {}, ...said: readonly Said[]) {
  issuer.asked.length = 0;
  issuer.says['/token'] = said;
  const provider = entraProvider({
    ...{ base: new URL(issuer.url).origin, tenant: TENANT, clientId: 'workstations' },
    ...{ ca: issuer.ca, flow: 'password', login: '{user}@contoso.com', kind: 'mfa' },
    ...{ claim: 'preferred_username', ...settings },
  });
  return provider.signIn('ana', utf8('secret'), READER, AbortSignal.timeout(60_000));
}

const KEPT = { answer: 'signed-in', subject: `${TENANT}.${OBJECT}`, kind: 'mfa', keep: true };

test('each number means what Microsoft says that it means', async () => {
  const means: readonly (readonly [object, readonly number[]])[] = [
    [{ answer: 'wrong' }, [50126]],
    [{ answer: 'unknown' }, [50034]],
    [{ answer: 'held-up' }, [50053]],
    [{ answer: 'disabled' }, [50057]],
    [{ answer: 'unfinished', due: 'new-password' }, [50055, 50144]],
    [{ answer: 'unfinished', due: 'permission' }, [53000, 53003]],
    [{ answer: 'unreachable' }, [90033]],
  ];
  for (const [expected, codes] of means)
    for (const code of codes) {
      assert.deepEqual(await signIn({}, aadsts(code)), expected, String(code));
      assert.equal(issuer.asked.filter(([path]) => path === '/device').length, 0);
    }
});

test('a password that is right while another factor is due goes on by a code on another device', async () => {
  for (const code of [50072, 50074, 50076, 50079])
    assert.deepEqual(
      await signIn(
        {},
        aadsts(code, code === 50076 ? 'interaction_required' : 'invalid_grant'),
        aadsts(70016, 'authorization_pending'),
        issuer.tokens(ANA),
      ),
      KEPT,
      String(code),
    );
  // Even of people who are declared to have a password alone: this one has not.
  assert.deepEqual(await signIn({ kind: 'sfa' }, aadsts(50076), issuer.tokens(ANA)), KEPT);
  const declined = aadsts(70018, 'authorization_declined');
  assert.deepEqual(await signIn({}, aadsts(50076), declined), { answer: 'unfinished' });
  const disabled = await signIn({}, aadsts(50076), aadsts(50057));
  assert.deepEqual(disabled, { answer: 'disabled' });
});

test('a registration that is wrong, and numbers that nobody wrote down, are faults and open nothing', async () => {
  for (const [code, error] of [
    [7000218, 'invalid_client'],
    [700016, 'unauthorized_client'],
    [65001, 'invalid_grant'],
    [90002, 'invalid_request'],
    [99999, 'invalid_grant'],
  ] as const)
    assert.deepEqual(await signIn({}, aadsts(code, error)), {
      ...{ answer: 'fault', what: `AADSTS${code}` },
    });
  const wordsAlone = {
    status: 400,
    json: { error: 'invalid_grant', error_description: 'AADSTS50126' },
  };
  assert.deepEqual(await signIn({}, wordsAlone), { answer: 'fault', what: 'invalid_grant' });
});

test('a sign-in binds the object of this tenant, whatever it is called', async () => {
  const sfa = { kind: 'sfa' } as const;
  assert.deepEqual(await signIn(sfa, issuer.tokens(ANA)), { ...KEPT, kind: 'sfa' });
  for (const more of [{ oid: undefined }, { tid: undefined }, { tid: OBJECT }, { oid: 7 }])
    assert.deepEqual(await signIn(sfa, issuer.tokens({ ...ANA, ...more })), {
      ...{ answer: 'fault', what: 'no-subject' },
    });
  const guest = { ...ANA, preferred_username: 'ana_fabrikam.com#EXT#@contoso.com' };
  assert.deepEqual(await signIn(sfa, issuer.tokens(guest)), { answer: 'wrong' });
  const [second, first] = [issuer.tokens({ ...ANA, oid: TENANT }), issuer.tokens(ANA)];
  assert.deepEqual(await signIn({}, first, second), { answer: 'unfinished' });
});

test('another tenant’s document is not the provider', async () => {
  assert.deepEqual(await signIn({ tenant: OBJECT }), { answer: 'unreachable' });
  assert.ok(issuer.asked.every(([, form]) => !('password' in form)));
});
