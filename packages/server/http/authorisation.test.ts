/**
 * Who may call what, over a connection: every route, by nobody and by each role, as docs/formats/authorisation.md says.
 * scripts/authorisation tries every kind of caller and every state of an emergency. What the rules decide is not decided here.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROLES } from '@halligan/statement';
import { z } from 'zod';
import { type Person, person } from '../contoso.fixture.ts';
import { ALLOWED } from './authorisation.fixture.ts';
import { type Talking, talking } from './talking.fixture.ts';

const nothing = 'ab'.repeat(32);

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
  const told = ALLOWED.map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(told.toSorted(), routes.toSorted(), 'see docs/formats/authorisation.md');
});

for (const { method, path, who, of } of ALLOWED) {
  test(`${method} ${path}: ${who}${of === '' ? '' : `, ${of}`}`, async () => {
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
    if (who === 'machine') {
      // No session helps, nor does it hinder: reports.test.ts has who gets in.
      for (const token of [undefined, ...tokens.values()]) assert.equal(await status(token), 403);
      return;
    }
    const isOpen = who === 'anybody';
    assert.equal((await status()) === 401, !isOpen, 'nobody');
    assert.equal((await status('a'.repeat(43))) === 401, !isOpen, 'an invented token');
    for (const role of ROLES) {
      // The path names nobody who is there: whose something is, is tried in scripts/authorisation.
      const isOnes = /contacts$/.test(path) && method === 'GET';
      const isTheirs: boolean = isOnes
        ? role === 'admin'
        : typeof who === 'string' || who.includes(role);
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
