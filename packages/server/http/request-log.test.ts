/** A line for each request: what an operator needs to find it again, and nothing that somebody wrote into it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { z } from 'zod';
import { type Talking, talking } from './talking.fixture.ts';

let scene: Talking;
let dana = '';
before(async () => {
  scene = await talking();
  dana = await scene.token(scene.contoso.people.dana);
});
after(() => scene.end());

const lineSchema = z.object({
  time: z.iso.datetime(),
  level: z.string(),
  part: z.literal('http'),
  message: z.string(),
  id: z.uuid(),
  method: z.string(),
  route: z.string(),
  status: z.int(),
  code: z.string().optional(),
  milliseconds: z.number().min(0),
  from: z.literal('127.0.0.1'),
});

/** The line of a request, once it is there: it is written when the answer has left. */
async function lineOf(id: string): Promise<z.infer<typeof lineSchema>> {
  for (;;) {
    const found = scene.log.find((line) => line.includes(id) && line.includes('milliseconds'));
    if (found !== undefined) return lineSchema.parse(JSON.parse(found));
    await new Promise(setImmediate);
  }
}

test('the answer, its problem and the log’s line name the same request', async () => {
  const response = await scene.send('GET', '/v1/systems/nothing-here', { token: dana });
  const id = response.headers.get('x-request-id') ?? '';
  const { instance, code } = z
    .object({ instance: z.string(), code: z.string() })
    .parse(await response.json());
  assert.equal(instance, `urn:uuid:${id}`);
  const { time: _, milliseconds: __, ...line } = await lineOf(id);
  assert.deepEqual(line, {
    level: 'info',
    part: 'http',
    message: 'GET /v1/systems/{system}',
    id,
    method: 'GET',
    route: '/v1/systems/{system}',
    status: 404,
    code,
    from: '127.0.0.1',
  });
});

test('a route is named, and not what somebody wrote into its path, query, headers or body', async () => {
  const headers = { 'user-agent': 'canary-agent', 'x-forwarded-for': 'canary-address' };
  const call = { token: dana, headers };
  const ids: string[] = [];
  for (const [method, path, body] of [
    ['GET', '/v1/systems/canary-system', undefined],
    ['GET', '/canary-path?canary-query=1', undefined],
    ['GET', '/v1/view?since=canary-value', undefined],
    ['POST', '/v1/statements', { signed: [{ canary: 'canary-body' }] }],
    ['POST', '/v1/sign-in', { person: 'canary-person', challenge: 'canary', signature: 'canary' }],
  ] as const) {
    const response = await scene.send(method, path, { ...call, body });
    await response.arrayBuffer();
    ids.push(response.headers.get('x-request-id') ?? '');
  }
  const lines = await Promise.all(ids.map(lineOf));
  assert.deepEqual(
    lines.map(({ route, status }) => `${route} ${status}`),
    [
      '/v1/systems/{system} 404',
      'none 404',
      '/v1/view 400',
      '/v1/statements 400',
      '/v1/sign-in 401',
    ],
  );
  const all = scene.log.join('\n');
  assert.doesNotMatch(all, /canary/);
  assert.equal(all.includes(dana), false);
});

test('health checks are of no interest but to whoever asks for everything', async () => {
  const response = await scene.send('GET', '/healthz');
  const { level } = await lineOf(response.headers.get('x-request-id') ?? '');
  assert.equal(level, 'debug');
});
