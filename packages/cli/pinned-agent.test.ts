import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { certificatePin, makeCertificate, type TlsPair } from '@halligan/server';
import { Api } from './api.ts';

/** A server that writes down every byte that a client sends it under TLS, and answers any request. */
class Listener {
  readonly server: Server;
  readonly received: Buffer[] = [];
  /** Each settles when a connection is over, and with it what came through it. */
  readonly closed: Promise<void>[] = [];

  constructor(pair: TlsPair) {
    this.server = createServer(pair);
    this.server.on('connection', (raw: Socket) => {
      this.closed.push(new Promise((resolve) => raw.once('close', () => resolve())));
    });
    // A client that hangs up during the handshake is what is wanted here.
    this.server.on('tlsClientError', () => undefined);
    this.server.on('secureConnection', (socket: TLSSocket) => {
      socket.on('data', (bytes) => {
        this.received.push(Buffer.from(bytes));
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}');
      });
      socket.on('error', () => undefined);
      this.closed.push(new Promise((resolve) => socket.once('close', () => resolve())));
    });
  }

  async url(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
}

let ours: TlsPair;
let theirs: TlsPair;
before(async () => {
  ours = await makeCertificate('halligan.example');
  theirs = await makeCertificate('halligan.example');
});

const listeners: Listener[] = [];
async function listen(pair: TlsPair): Promise<{ listener: Listener; url: string }> {
  const listener = new Listener(pair);
  listeners.push(listener);
  return { listener, url: await listener.url() };
}
after(() => {
  for (const { server } of listeners) server.close();
});

test('a server with another certificate gets not one byte of a request', async () => {
  const { listener, url } = await listen(theirs);
  const api = new Api(url, certificatePin(ours.cert));
  api.signedIn('a-token-that-must-not-leave');
  for (const send of [() => api.get('/v1/view'), () => api.post('/v1/statements', { a: 1 })])
    await assert.rejects(send, { code: 'cli.certificate', hint: /Do not go on/ });
  await assert.rejects(
    async () => {
      for await (const _ of api.sizes(new AbortController().signal)) assert.fail('it streamed');
    },
    { code: 'cli.certificate' },
  );
  // Only when the server has seen the end of every connection is it known what it got.
  assert.ok(listener.closed.length >= 3);
  await Promise.all(listener.closed);
  assert.deepEqual(Buffer.concat(listener.received).toString('latin1'), '');
});

test('an https address without a pin is refused before it is connected to', async () => {
  const { listener, url } = await listen(theirs);
  await assert.rejects(new Api(url, null).get('/healthz'), { code: 'cli.certificate' });
  await Promise.all(listener.closed);
  assert.deepEqual(listener.received, []);
});

test('the certificate that was compared is spoken to, by whatever name it is reached', async () => {
  const { listener, url } = await listen(ours);
  const api = new Api(url, certificatePin(ours.cert));
  api.signedIn('token');
  assert.deepEqual(await api.get('/healthz'), {});
  assert.match(Buffer.concat(listener.received).toString('latin1'), /authorization: Bearer token/);
});

test('nobody who listens is unreachable, not a wrong certificate', async () => {
  const { listener, url } = await listen(ours);
  listener.server.close();
  await once(listener.server, 'close');
  await assert.rejects(new Api(url, certificatePin(ours.cert)).get('/healthz'), {
    code: 'cli.unreachable',
    hint: /kit/,
  });
});
