/** Too many connections, in the clear and below TLS: whoever says nothing goes, and an on-call person gets through. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { canonicalBytes, type Json } from '@halligan/format';
import { makeCertificate } from '../certificate.ts';
import type { Contoso } from '../contoso.fixture.ts';
import { type Talking, talking } from './talking.fixture.ts';

const crowd = { strangers: 20, ofAddress: 8, ofPerson: 6 };

function dialled({ server }: Talking, from = '127.0.0.1'): Socket {
  const { hostname, port } = new URL(server.url);
  const socket = connect({ host: hostname, port: Number(port), localAddress: from });
  socket.on('error', () => undefined);
  socket.resume();
  return socket;
}

const closed = (socket: Socket) =>
  socket.closed ? Promise.resolve() : once(socket, 'close').then(() => undefined);

describe('a listener in the clear', () => {
  let scene: Talking;
  before(async () => {
    scene = await talking([], async () => undefined, { crowd });
  });
  after(() => scene.end());

  test('who says nothing goes before who comes later from the same address, and that one signs in', async () => {
    const silent = Array.from({ length: 30 }, () => dialled(scene));
    await Promise.all(silent.slice(0, 20).map(closed));
    const token = await scene.token(scene.contoso.people.dana);
    assert.equal((await scene.send('GET', '/v1/view', { token })).status, 200);
    for (const socket of silent) socket.destroy();
  });

  test('a flood from many addresses keeps nobody out either', async () => {
    const silent = Array.from({ length: 60 }, (_, at) => dialled(scene, `127.0.1.${1 + at}`));
    await Promise.all(silent.slice(0, 40).map(closed));
    const token = await scene.token(scene.contoso.people.dana);
    assert.equal((await scene.send('GET', '/v1/view', { token })).status, 200);
    for (const socket of silent) socket.destroy();
  });

  test('who is signed in stays, whoever else comes', async () => {
    const token = await scene.token(scene.contoso.people.lea);
    const stream = dialled(scene);
    stream.write(`GET /v1/stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    await once(stream, 'data');
    const strangers = Array.from({ length: 60 }, (_, at) => dialled(scene, `127.0.1.${1 + at}`));
    await Promise.all(strangers.slice(0, 40).map(closed));
    assert.equal(stream.destroyed, false);
    for (const socket of [stream, ...strangers]) socket.destroy();
  });

  test('one person holds so many, and loses the oldest', async () => {
    const token = await scene.token(scene.contoso.people.raj);
    const held: Socket[] = [];
    for (let at = 0; at < 9; at += 1) {
      const socket = dialled(scene);
      socket.write(`GET /v1/stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`);
      await once(socket, 'data');
      held.push(socket);
    }
    await Promise.all(held.slice(0, 3).map(closed));
    assert.deepEqual(
      held.map(({ destroyed }) => destroyed),
      held.map((_, at) => at < 3),
    );
    for (const socket of held) socket.destroy();
  });

  test('what went is counted', async () => {
    const metrics = await (await scene.send('GET', '/metrics')).text();
    assert.match(metrics, /^halligan_connections_dropped_total [1-9]\d+$/m);
    assert.match(metrics, /^halligan_connections [1-9]\d*$/m);
  });
});

test('behind a named proxy nobody is counted by its address', async () => {
  const named = async ({ root }: Contoso) => settle(root, { proxies: ['127.0.0.0/8'] });
  const scene = await talking([], named, { crowd });
  const held = Array.from({ length: 15 }, () => dialled(scene));
  assert.equal((await scene.send('GET', '/healthz')).status, 200);
  assert.match(await (await scene.send('GET', '/metrics')).text(), /_dropped_total 0$/m);
  for (const socket of held) socket.destroy();
  await scene.end();
});

test('a handshake that is never finished is ended, and holds nobody else up', async () => {
  const pair = await makeCertificate('localhost');
  const encrypting = async ({ root }: Contoso) => {
    await writeFile(join(root, 'keys', 'tls.key'), pair.key);
    await writeFile(join(root, 'keys', 'tls.crt'), pair.cert);
    await settle(root, { tls: true });
  };
  const connections = { handshakeTimeout: 500 };
  const scene = await talking([], encrypting, { connections, crowd: { ofAddress: 300 } });
  const silent = Array.from({ length: 100 }, () => dialled(scene));
  const begun = Array.from({ length: 100 }, () => dialled(scene));
  // The beginning of a ClientHello, of which the rest does not come.
  for (const socket of begun) socket.write(Buffer.of(0x16, 0x03, 0x01, 0x02, 0x00, 0x01));
  const url = new URL('/healthz', scene.server.url);
  const asked = request(url, { ca: pair.cert, agent: false }).end();
  const [response] = await once(asked, 'response');
  assert.equal(response.statusCode, 200);
  response.resume();
  await Promise.all([...silent, ...begun].map(closed));
  await scene.end();
});

async function settle(root: string, settings: Readonly<Record<string, Json>>): Promise<void> {
  const file = join(root, 'server.json');
  const present: Record<string, Json> = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, canonicalBytes({ ...present, ...settings }));
}
