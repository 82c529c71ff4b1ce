/** Bodies at their limits and of every wrong kind, on every route that takes one: a clear problem, and never a fault. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { type Talking, talking } from './talking.fixture.ts';

const DESCRIPTION = join(import.meta.dirname, '../../../docs/formats/openapi.json');
const described = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        requestBody: z
          .object({
            content: z.record(z.string(), z.unknown()),
            'x-body-limit': z.int().optional(),
          })
          .optional(),
        'x-body-limit': z.int().optional(),
      }),
    ),
  ),
});
const problem = z.object({ code: z.string(), status: z.int(), hint: z.string().min(5) });

interface Taking {
  readonly method: string;
  readonly path: string;
  readonly limit: number;
}

let scene: Talking;
let token = '';
let routes: readonly Taking[] = [];
const many = { burst: 1_000_000, perSecond: 1_000_000 };
before(async () => {
  scene = await talking([], async () => undefined, { rates: { strangers: many, people: many } });
  token = await scene.token(scene.contoso.people.dana);
  const { paths } = described.parse(JSON.parse(await readFile(DESCRIPTION, 'utf8')));
  routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody, ...whole }]) =>
      requestBody?.content['application/json'] === undefined
        ? []
        : [
            {
              method: method.toUpperCase(),
              path: path.replaceAll(/\{[a-z]+\}/g, 'a'),
              limit: requestBody['x-body-limit'] ?? whole['x-body-limit'] ?? 64 << 10,
            },
          ],
    ),
  );
  assert.ok(routes.length > 5);
});
after(() => scene.end());

async function told(
  { method, path }: Taking,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const response = await fetch(new URL(path, scene.server.url), {
    method,
    body,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...headers,
    },
  });
  const text = await response.text();
  const where = `${method} ${path}: ${response.status} ${text.slice(0, 200)}`;
  if (response.status < 400) return response.status;
  assert.ok(response.status < 500, where);
  assert.equal(problem.parse(JSON.parse(text)).status, response.status, where);
  return response.status;
}

test('one byte more than a route takes is refused for that, and at its limit for what it is', async () => {
  for (const route of routes) {
    const full = `{"a":"${'a'.repeat(route.limit - 8)}"}`;
    assert.notEqual(await told(route, full), 413, route.path);
    assert.equal(await told(route, `${full} `), 413, route.path);
  }
});

const WRONG: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>> = {
  'nothing but brackets': '['.repeat(60_000),
  'deep, and closed': `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`,
  'a long list': `[${'0,'.repeat(30_000)}0]`,
  'half of it': '{"signed": ["',
  'not UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  'half a character': '{"a":"\\ud800"}',
  'one name twice': '{"signed":[],"signed":{},"person":"dana","person":1}',
  'a number that is none': '{"a":1e999,"b":-0,"c":00}',
  nothing: '',
  null: 'null',
  'a word': '"signed"',
};

test('what is no body of the route is a clear problem', async () => {
  for (const route of routes)
    for (const body of Object.values(WRONG)) assert.ok((await told(route, body)) < 500);
});

test('a body that is packed, or of another kind, is not read', async () => {
  const packed = Buffer.from(gzipSync(Buffer.alloc(1 << 20, ' ')));
  for (const route of routes) {
    assert.ok((await told(route, packed, { 'content-encoding': 'gzip' })) >= 400);
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data', 'a'])
      assert.equal(await told(route, '{}', { 'content-type': type }), 415, route.path);
  }
});

test('chunks without end are ended where the limit is, and somebody else is answered', async () => {
  const { hostname, port } = new URL(scene.server.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(
    `POST /v1/sign-in HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  const chunk = `1000\r\n${' '.repeat(0x1000)}\r\n`;
  const pour = () => {
    while (socket.writable && socket.write(chunk));
  };
  socket.on('drain', pour);
  const answered = once(socket, 'data');
  pour();
  assert.match(String(await answered), /^HTTP\/1\.1 413 /);
  assert.equal((await scene.send('GET', '/healthz')).status, 200);
  socket.destroy();
});
