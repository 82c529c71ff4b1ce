/** Who may call what: every route, by nobody and by each role. What the rules decide is not decided here. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLES } from '@halligan/statement';
import { z } from 'zod';
import { type Person, person } from '../contoso.fixture.ts';
import { type Talking, talking } from './talking.fixture.ts';

const nothing = 'ab'.repeat(32);

/** Every route with who may call it: `all`, `people` (whoever is on the roster), or roles. */
const MAY: Readonly<Record<string, 'all' | 'people' | 'own' | readonly string[]>> = {
  'GET /healthz': 'all',
  'GET /metrics': ['admin', 'security', 'auditor'],
  'GET /v1/openapi.json': 'all',
  'POST /v1/sign-in/challenge': 'all',
  'POST /v1/sign-in': 'all',
  'GET /v1/genesis': 'all',
  'POST /v1/join': 'all',
  'GET /v1/join': ['admin'],
  'POST /v1/sign-out': 'people',
  'POST /v1/statements': 'people',
  'GET /v1/view': 'people',
  'GET /v1/obligations': 'people',
  'GET /v1/stream': 'people',
  'GET /v1/log/checkpoint': ['auditor', 'security', 'admin'],
  'GET /v1/log/cosigned': ['auditor', 'security', 'admin'],
  'GET /v1/log/tile/{path}': ['auditor', 'security', 'admin'],
  'GET /v1/emergencies': 'people',
  'GET /v1/emergencies/{emergency}/openings/{request}': 'people',
  'GET /v1/emergencies/{emergency}/attachments/{digest}': 'people',
  'PUT /v1/emergencies/{emergency}/attachments/{digest}': 'people',
  'GET /v1/emergencies/{emergency}/attachments/{digest}/plain': 'people',
  'POST /v1/emergencies/{emergency}/prover': 'people',
  'GET /v1/emergencies/{emergency}/evidence': 'people',
  'GET /v1/accounts': 'people',
  'GET /v1/accounts/{account}/seal': 'people',
  'GET /v1/custody': 'people',
  'GET /v1/findings': 'people',
  'GET /v1/kits': 'people',
  'GET /v1/accounts/{account}/attachments/{digest}/plain': ['auditor', 'security', 'custodian'],
  'POST /v1/accounts/{account}/seals': 'people',
  'POST /v1/accounts/{account}/rotate': ['admin'],
  'GET /v1/systems/{system}': 'people',
  'POST /v1/systems/{system}': ['admin'],
  'POST /v1/systems/{system}/check': ['admin'],
  'GET /v1/alerts': ['admin', 'security', 'auditor'],
  'POST /v1/alerts/test': ['admin', 'security'],
  // And by the person whose they are: alerts.test.ts.
  'GET /v1/people/{person}/contacts': ['admin'],
  'PUT /v1/people/{person}/contacts': 'own',
};

let scene: Talking;
/** By role: who has it, and none other. */
const people = new Map<string, Person>();
const tokens = new Map<string, string>();
before(async () => {
  for (const role of ROLES) people.set(role, await person(`a-${role}`, [role]));
  scene = await talking([...people.values()]);
  for (const [role, one] of people) tokens.set(role, await scene.token(one));
});
after(() => scene.end());

test('the table has every route, and no other', async () => {
  const { paths } = z
    .object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
    .parse(await (await scene.send('GET', '/v1/openapi.json')).json());
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(Object.keys(MAY).sort(), routes.sort());
});

for (const [route, may] of Object.entries(MAY)) {
  test(`${route}: ${typeof may === 'string' ? may : may.join(', ')}`, async () => {
    const [method = '', path = ''] = route.split(' ');
    const url = path
      .replaceAll(/\{(emergency|request|digest)\}/g, nothing)
      .replaceAll(/\{[a-z]+\}/g, 'none');
    const status = async (token?: string): Promise<number> => {
      const aborted = new AbortController();
      const signed = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const response = await fetch(new URL(url, scene.server.url), {
        method,
        headers: { ...signed, 'x-forwarded-for': '192.0.2.1' },
        signal: aborted.signal,
      });
      aborted.abort();
      return response.status;
    };
    const isOpen = may === 'all';
    assert.equal((await status()) === 401, !isOpen, 'nobody');
    assert.equal((await status('a'.repeat(43))) === 401, !isOpen, 'an invented token');
    for (const role of ROLES) {
      const isTheirs = typeof may === 'string' || may.includes(role);
      const answered = await status(tokens.get(role));
      assert.equal(answered === 403, !isTheirs, `${role}: ${answered}`);
      assert.notEqual(answered, 401, role);
      const one = people.get(role);
      if (path === '/v1/sign-out' && one !== undefined) {
        assert.equal(await status(tokens.get(role)), 401);
        tokens.set(role, await scene.token(one));
      }
    }
  });
}
