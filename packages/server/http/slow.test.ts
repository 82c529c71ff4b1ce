/** Peers that send slowly, or read slowly: they hold nothing for long, and nobody else waits for them. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import { after, before, test } from 'node:test';
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
  const growing = {
    checkpoint: () => ({ size, root: new Uint8Array(32), note: '' }),
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const streams = new CheckpointStreams(growing, { pause: 0 });
  // What was written to it, taken from it or not; of the kernel's buffers, which are large, there are none.
  const opened = (person: string, reads: boolean) => {
    let text = '';
    const taken = new EventEmitter();
    const raw = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        text += chunk.toString();
        if (!reads) return;
        taken.emit('more');
        done();
      },
    });
    const line = Object.assign(raw, { writeHead: () => undefined });
    const reader = { person, isWelcome: () => true };
    streams.start(reader, { headers: {} }, { raw: line, hijack: () => undefined });
    return { raw, taken, said: () => text };
  };
  const silent = opened('silent', false);
  const reading = opened('reading', true);
  assert.equal(streams.count, 2);
  let most = 0;
  while (!silent.raw.destroyed) {
    // As much at once as a long absence brings: told in one round, as one size.
    size += 100;
    for (const listener of [...listeners]) listener();
    while (!reading.said().includes(`data: ${size}\n`)) await once(reading.taken, 'more');
    most = Math.max(most, silent.raw.writableLength);
  }
  assert.ok(most < 17 << 10, String(most));
  assert.equal(streams.count, 1);
  assert.equal(listeners.size, 1);
  reading.raw.destroy();
  await once(reading.raw, 'close');
  assert.deepEqual([streams.count, listeners.size], [0, 0]);
});
