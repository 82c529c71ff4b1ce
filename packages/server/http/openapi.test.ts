/** The interface is what its document says: every route is in it, and every answer is what it promises. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { addSystem, person, upon } from '../contoso.fixture.ts';
import { type Call, type Talking, talking } from './talking.fixture.ts';

const operation = z.looseObject({
  responses: z.record(
    z.string(),
    z.looseObject({ content: z.record(z.string(), z.any()).optional() }),
  ),
});
const documentSchema = z.object({
  openapi: z.literal('3.1.0'),
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.looseObject({ schemas: z.record(z.string(), z.any()) }),
});

let scene: Talking;
let document: z.infer<typeof documentSchema>;
let raw: unknown;
let dana = '';
before(async () => {
  scene = await talking();
  raw = await (await scene.send('GET', '/v1/openapi.json')).json();
  document = documentSchema.parse(raw);
  dana = await scene.token(scene.contoso.people.dana);
});
after(() => scene.end());

/** Calls, and holds the answer to what the document says of it. */
async function called(method: string, path: string, call: Call = {}): Promise<[number, unknown]> {
  const response = await scene.send(method, path, call);
  const known = Object.keys(document.paths).find((one) =>
    new RegExp(`^${one.replaceAll(/\{[a-z]+\}/g, '[^/]+')}$`).test(path.split('?')[0] ?? ''),
  );
  const described = document.paths[known ?? '']?.[method.toLowerCase()]?.responses[response.status];
  const answer: unknown = await response.json();
  const schema =
    described === undefined
      ? document.components.schemas.Problem
      : described.content?.['application/json']?.schema;
  assert.ok(schema !== undefined, `${method} ${path}: ${response.status} is not described`);
  const checked = z.fromJSONSchema(schema).safeParse(answer);
  assert.ok(
    checked.success,
    `${method} ${path}: ${z.prettifyError(checked.error ?? new z.ZodError([]))}`,
  );
  return [response.status, answer];
}

test('docs/formats/openapi.json is the document that the server answers', () => {
  const path = join(import.meta.dirname, '../../../docs/formats/openapi.json');
  assert.deepEqual(
    JSON.parse(readFileSync(path, 'utf8')),
    raw,
    'a route changed: node scripts/openapi.ts && npx biome check --write docs',
  );
});

test('every operation has an id of its own, a summary and a way to say no', () => {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  const ids = operations.map(({ operationId }) => operationId);
  assert.equal(new Set(ids).size, operations.length);
  for (const one of operations) {
    assert.match(String(one.summary), /^[A-Z].{8,}\.$/);
    assert.ok('default' in one.responses);
  }
});

const nothing = 'ab'.repeat(32);
const answered: readonly [string, string, number, Call?][] = [
  ['GET', '/healthz', 200],
  ['POST', '/v1/sign-in/challenge', 200],
  ['POST', '/v1/sign-in', 400, { body: { person: 'dana' } }],
  ['GET', '/v1/genesis', 200],
  ['GET', '/v1/join', 200],
  ['GET', '/v1/view', 200],
  ['GET', '/v1/view?since=1', 200],
  ['GET', '/v1/obligations', 200],
  ['GET', '/v1/emergencies', 200],
  ['GET', '/v1/accounts', 200],
  ['GET', '/v1/openapi.json', 200],
  ['GET', `/v1/emergencies/${nothing}/openings/${nothing}`, 404],
  ['GET', `/v1/emergencies/${nothing}/attachments/${nothing}`, 404],
  ['GET', `/v1/emergencies/${nothing}/evidence`, 404],
  ['POST', `/v1/emergencies/${nothing}/prover`, 400],
  ['POST', '/v1/accounts/nobody/rotate', 404],
  ['GET', '/v1/systems/none', 404],
  ['POST', '/v1/systems/none', 400, { body: { config: {} } }],
  ['POST', '/v1/statements', 400, { body: { signed: [] } }],
];
for (const [method, path, status, call] of answered)
  test(`${method} ${path.replaceAll(nothing, '…')}: ${status}, as described`, async () => {
    const [actual, answer] = await called(method, path, { token: dana, ...call });
    assert.equal(actual, status, JSON.stringify(answer));
  });

test('what is taken in, who joins and who signs out are answered as described', async () => {
  const { leader } = scene.server.parts;
  const stored = await addSystem(scene.contoso.people.dana, 'directory', upon(leader));
  assert.ok(stored.type === 'statements');
  const { signed, document: entry } = stored;
  const statements = { token: dana, body: { signed, document: entry } };
  assert.equal((await called('POST', '/v1/statements', statements))[0], 201);
  assert.equal((await called('POST', '/v1/statements', statements))[0], 409);
  const { card } = await person('eve', []);
  assert.equal((await called('POST', '/v1/join', { body: card }))[0], 200);
  assert.equal((await called('GET', '/v1/join', { token: dana }))[0], 200);
  const token = await scene.token(scene.contoso.people.lea);
  assert.equal((await called('POST', '/v1/sign-out', { token }))[0], 200);
  assert.equal((await called('GET', '/v1/view', { token }))[0], 401);
});
