/** Peers that send slowly, or read slowly: they hold nothing for long, and nobody else waits for them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import Fastify from 'fastify';
import { CheckpointStreams } from './stream.ts';
import { type Talking, talking } from './talking.fixture.ts';

let scene: Talking;
before(async () => {
  const connections = {
    headersTimeout: 300,
    requestTimeout: 600,
    connectionTimeout: 900,
    connectionsCheckingInterval: 50,
  };
  scene = await talking([], async () => undefined, { connections });
});
after(() => scene.end());

/** A connection that sends a beginning, and then nothing; resolves with all that it was told when it was closed. */
async function toldTo(beginning: string): Promise<string> {
  const { hostname, port } = new URL(scene.server.url);
  const socket = connect(Number(port), hostname, () => socket.write(beginning));
  let told = '';
  socket.on('data', (chunk) => {
    told += chunk.toString();
  });
  await once(socket, 'close');
  return told;
}

const SLOW = /^HTTP\/1\.1 408 Request Timeout\r\n.*"code":"server\.too-slow"/s;

test('headers that never end: 408, and the connection is closed', async () => {
  assert.match(await toldTo('GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: '), SLOW);
});

test('a body that never comes whole: 408, and the connection is closed', async () => {
  const head = 'POST /v1/sign-in HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
  assert.match(await toldTo(`${head}Content-Length: 1000\r\n\r\n{"person":`), SLOW);
});

test('a hundred that send nothing more keep nobody else out', async () => {
  const slow = Array.from({ length: 100 }, () => toldTo('POST /v1/sign-in HTTP/1.1\r\nHost: '));
  assert.equal((await scene.send('GET', '/healthz')).status, 200);
  const answers = await Promise.all(slow);
  assert.ok(answers.every((one) => SLOW.test(one)));
});

test('who asks and does not take the answers is let go', async () => {
  const token = await scene.token(scene.contoso.people.dana);
  const { hostname, port } = new URL(scene.server.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  // More than what the kernel keeps for a peer that does not read: the server stops, and waits.
  const asks = `GET /v1/openapi.json HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n\r\n`;
  socket.write(asks.repeat(500));
  // A peer that does not read learns of the end when it sends.
  const asking = setInterval(() => socket.write('GET /healthz HTTP/1.1\r\n'), 100);
  await closed;
  clearInterval(asking);
  assert.equal((await scene.send('GET', '/healthz')).status, 200);
});

test('who does not read a stream is dropped, and who reads is told everything', async () => {
  let size = 1;
  const listeners = new Set<() => void>();
  const grow = () => {
    size += 1;
    for (const listener of [...listeners]) listener();
  };
  const streams = new CheckpointStreams({
    checkpoint: () => ({ size, root: new Uint8Array(32), note: '' }),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const app = Fastify();
  const held: Socket[] = [];
  app.server.on('connection', (socket) => void held.push(socket));
  const reader = { isWelcome: () => true, onEnd: () => () => undefined };
  app.get('/:person', (request, reply) => {
    streams.start({ ...reader, person: request.url }, request, reply);
    return reply;
  });
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const open = async (person: string): Promise<Socket> => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`GET /${person} HTTP/1.1\r\nHost: a\r\n\r\n`);
    await once(socket, 'readable');
    return socket;
  };
  const silent = await open('silent');
  const reading = await open('reading');
  let last = 0;
  const lines = createInterface({ input: reading });
  lines.on('line', (line) => {
    last = Number(/^id: (\d+)$/.exec(line)?.[1] ?? last);
  });
  const caughtUp = async () => {
    while (last < size) await once(lines, 'line');
  };
  assert.equal(streams.count, 2);
  let most = 0;
  // Until the kernel takes no more for the one that does not read; the other is given time to.
  while (streams.count === 2) {
    for (let at = 0; at < 100; at += 1) grow();
    most = Math.max(most, ...held.map(({ writableLength }) => writableLength));
    await caughtUp();
  }
  // What waited was its bound, and the events of one turn at most.
  assert.ok(most < 64 << 10, String(most));
  assert.equal(listeners.size, 1);
  grow();
  await caughtUp();
  lines.close();
  for (const socket of [silent, reading]) socket.destroy();
  await app.close();
});
