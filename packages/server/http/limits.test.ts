/** What is no request of ours, comes too slowly, too often or through a proxy: each is answered with a problem. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { canonicalBytes, type Json } from '@halligan/format';
import { z } from 'zod';
import { contoso } from '../contoso.fixture.ts';
import { startServer } from '../start.ts';
import { type Call, type Talking, talking } from './talking.fixture.ts';

let scene: Talking;
let dana = '';
before(async () => {
  scene = await talking();
  dana = await scene.token(scene.contoso.people.dana);
});
after(() => scene.end());

const problem = z.object({ code: z.string(), status: z.int(), hint: z.string().min(5) });

async function problemOf(method: string, path: string, call: Call = {}) {
  const response = await scene.send(method, path, call);
  assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
  const { code, status } = problem.parse(await response.json());
  assert.equal(status, response.status);
  return { code, status, headers: response.headers };
}

test('a method that a path does not take: 405, and which it takes', async () => {
  const wrong: readonly [string, string, string][] = [
    ['DELETE', '/v1/view', 'GET'],
    ['PUT', '/v1/join', 'POST, GET'],
    ['GET', '/v1/statements', 'POST'],
    ['PATCH', '/v1/systems/directory', 'GET, POST'],
  ];
  for (const [method, path, allow] of wrong) {
    const { code, status, headers } = await problemOf(method, path, { token: dana });
    assert.deepEqual([code, status, headers.get('allow')], ['server.method', 405, allow]);
  }
});

test('no path, strange paths and too long ones: 404 or 400', async () => {
  for (const path of [
    '/',
    '/v2',
    '/v1/view/',
    '/v1/../v1/nothing',
    `/v1/systems/${'a'.repeat(500)}`,
  ])
    assert.equal((await problemOf('GET', path, { token: dana })).code, 'server.not-found', path);
  for (const path of ['/v1/systems/%00', '/v1/systems/%e2%80%ae', '/v1/systems/..%2f..%2fkeys'])
    assert.equal((await problemOf('GET', path, { token: dana })).code, 'server.request', path);
  assert.equal((await problemOf('GET', '/v1/systems/%zz', { token: dana })).status, 400);
});

test('a body larger than its route takes is refused by its announced length, to strangers before anything is read', async () => {
  const headers = { 'content-type': 'application/json' };
  const body = 'a'.repeat(70_000);
  const challenge = await problemOf('POST', '/v1/sign-in', { body, headers });
  assert.deepEqual([challenge.code, challenge.status], ['server.too-large', 413]);
  const stranger = await problemOf('POST', '/v1/statements', { body, headers });
  assert.deepEqual([stranger.code, stranger.status], ['server.session', 401]);
});

test('names that every object has are no members of a request', async () => {
  const response = await fetch(new URL('/v1/sign-in', scene.server.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"__proto__":{"person":"dana"},"constructor":{"prototype":{}}}',
  });
  assert.equal(response.status, 400);
  assert.match(problem.parse(await response.json()).code, /^server\.(json|request)$/);
});

/** What the server says to bytes that are no request. */
function saidTo(bytes: string): Promise<string> {
  const { hostname, port } = new URL(scene.server.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let said = '';
    socket.on('data', (chunk) => {
      said += chunk.toString();
    });
    socket.on('close', () => resolve(said));
    socket.on('error', reject);
  });
}

test('what is no HTTP is told so in a problem, and let go', async () => {
  const said = await saidTo('\x16\x03\x01 not http\r\n\r\n');
  assert.match(said, /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json/);
  assert.match(said, /"code":"server\.request"/);
  const headers = await saidTo(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`);
  assert.match(headers, /^HTTP\/1\.1 431 .*"code":"server\.headers"/s);
});

test('every answer carries a request’s id, is kept by nobody and says what it is', async () => {
  const ids = new Set<string>();
  for (const path of ['/healthz', '/v1/nothing', '/v1/view']) {
    const { headers } = await scene.send('GET', path);
    ids.add(headers.get('x-request-id') ?? '');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  }
  assert.equal(ids.size, 3);
});

test('HEAD is answered as GET is, without a body, and opens no stream', async () => {
  const head = await scene.send('HEAD', '/v1/view', { token: dana });
  assert.deepEqual([head.status, await head.text()], [200, '']);
  assert.equal((await scene.send('HEAD', '/v1/stream', { token: dana })).status, 405);
});

test('from one address strangers are answered so often, people on the roster go on', async () => {
  const statuses = new Set<number>();
  let retry: string | null = null;
  for (let at = 0; at < 60 && retry === null; at += 1) {
    const response = await scene.send('GET', '/v1/genesis');
    statuses.add(response.status);
    retry = response.headers.get('retry-after');
    await response.arrayBuffer();
  }
  assert.deepEqual([...statuses], [200, 429]);
  assert.match(retry ?? '', /^[1-9]\d*$/);
  assert.equal((await scene.send('GET', '/v1/view', { token: dana })).status, 200);
});

test('a monitor is answered however often it asks, and whoever floods from its address', async () => {
  for (let at = 0; at < 60; at += 1) await (await scene.send('GET', '/v1/genesis')).arrayBuffer();
  const asked = await Promise.all(Array.from({ length: 60 }, () => scene.send('GET', '/healthz')));
  assert.deepEqual([...new Set(asked.map(({ status }) => status))], [200]);
});

test('X-Forwarded-For counts from the proxies that server.json names, and from nobody else', async () => {
  const organisation = await contoso();
  const file = join(organisation.root, 'server.json');
  const flood = async (proxies: readonly string[] | undefined) => {
    const settings: Record<string, Json> = JSON.parse(await readFile(file, 'utf8'));
    const { proxies: _, ...rest } = settings;
    const named = proxies === undefined ? rest : { ...rest, proxies };
    await writeFile(file, canonicalBytes(named));
    const server = await startServer(organisation.root, () => undefined);
    const statuses = new Set<number>();
    for (let at = 0; at < 40; at += 1) {
      const response = await fetch(new URL('/v1/genesis', server.url), {
        headers: { 'x-forwarded-for': `192.0.2.${at}` },
      });
      await response.arrayBuffer();
      statuses.add(response.status);
    }
    await server.stop();
    return [...statuses];
  };
  assert.deepEqual(await flood(undefined), [200, 429]);
  assert.deepEqual(await flood(['192.0.2.0/24']), [200, 429]);
  assert.deepEqual(await flood(['127.0.0.0/8']), [200]);
  await organisation.remove();
});
