import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { type Asked, ask, NoAnswer } from './ask.ts';

const NAME = 'idp.contoso.example';

let folder: string;
let key: string;
let cert: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halligan-outbound-'));
  const [keyFile, certFile] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '2', '-subj', '/CN=test', '-keyout', keyFile, '-out', certFile],
      ...['-addext', `subjectAltName=DNS:localhost,DNS:${NAME},IP:127.0.0.1`],
    ],
    { stdio: 'ignore' },
  );
  [key, cert] = await Promise.all([readFile(keyFile, 'utf8'), readFile(certFile, 'utf8')]);
});
after(() => rm(folder, { recursive: true }));

const opened = new Map<Server, Set<Socket>>();
afterEach(async () => {
  for (const [server, sockets] of opened) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
  opened.clear();
});

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  opened.set(server, sockets);
  server.on('connection', (socket) => sockets.add(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

async function plain(answer: RequestListener): Promise<URL> {
  return new URL(`http://127.0.0.1:${await listening(createHttpServer(answer))}/`);
}

async function secure(answer: RequestListener): Promise<URL> {
  return new URL(`https://127.0.0.1:${await listening(createHttpsServer({ key, cert }, answer))}/`);
}

async function raw(answer: (socket: Socket) => void, scheme = 'http'): Promise<URL> {
  return new URL(`${scheme}://127.0.0.1:${await listening(createServer(answer))}/`);
}

const get = (more: Partial<Asked> = {}): Asked => ({
  method: 'GET',
  headers: {},
  limit: 1 << 16,
  signal: AbortSignal.timeout(30_000),
  ...more,
});

function fails(answer: Promise<unknown>, why: NoAnswer['why'], code?: string): Promise<void> {
  return assert.rejects(answer, (error) => {
    assert.ok(error instanceof NoAnswer);
    assert.deepEqual([error.why, error.code], [why, code]);
    assert.equal(error.cause, undefined);
    return true;
  });
}

test('sends what it is given, and gives what is answered', async () => {
  const url = await secure(async (request, response) => {
    const sent = Buffer.concat(await request.toArray()).toString();
    response.writeHead(418, { 'x-method': String(request.method) });
    response.end(`${request.headers['x-asked']} ${request.headers['content-length']} ${sent}`);
  });
  const body = new TextEncoder().encode('a body');
  const asked = get({ method: 'POST', headers: { 'x-asked': 'this' }, body, trust: cert });
  const { status, headers, bytes } = await ask(url, asked);
  assert.deepEqual([status, headers['x-method'], bytes.toString()], [418, 'POST', 'this 6 a body']);
});

test('a redirect is an answer like another', async () => {
  const url = await plain((_request, response) => {
    response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end();
  });
  assert.equal((await ask(url, get())).status, 307);
});

test('an answer of the limit is taken, one byte more is not', async () => {
  const url = await plain((_request, response) => void response.end('12345'));
  assert.equal((await ask(url, get({ limit: 5 }))).bytes.length, 5);
  await fails(ask(url, get({ limit: 4 })), 'too-long');
});

test('says how far it came', async () => {
  const gone = createServer();
  const port = await listening(gone);
  gone.close();
  await fails(ask(new URL(`http://127.0.0.1:${port}/`), get()), 'unreachable', 'ECONNREFUSED');
  const breaksOff = await raw((socket) => void socket.once('data', () => socket.end('HTTP/1.1 2')));
  await fails(ask(breaksOff, get()), 'broken-off', 'ECONNRESET');
  const switches = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n';
  await fails(ask(await raw((socket) => void socket.write(switches)), get()), 'broken-off');
});

test('whoever cannot show who they are is not believed, whatever the environment says', async () => {
  let isAsked = false;
  const url = await secure(() => {
    isAsked = true;
  });
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  try {
    await fails(ask(url, get()), 'untrusted', 'DEPTH_ZERO_SELF_SIGNED_CERT');
  } finally {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  }
  const elsewhere = new URL(url);
  elsewhere.hostname = '127.0.0.2';
  await fails(ask(elsewhere, get({ trust: cert })), 'unreachable', 'ECONNREFUSED');
  const noTls = await raw((socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\n'), 'https');
  await assert.rejects(ask(noTls, get({ trust: cert })), { why: 'untrusted' });
  assert.equal(isAsked, false);
});

test('a context is believed as its PEM is', async () => {
  const url = await secure((_request, response) => void response.end('yes'));
  const trust = createSecureContext({ ca: cert });
  assert.equal((await ask(url, get({ trust }))).bytes.toString(), 'yes');
  await assert.rejects(ask(url, get({ trust: createSecureContext({ ca: [] }) })), {
    why: 'untrusted',
  });
});

test('one who says nothing costs the time to connect; one who answers slowly has all of it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const late = () => t.mock.timers.tick(5000);
  const asked = get({ trust: cert, connectWithin: 3000 });
  const silent = await raw((socket) => void socket.once('data', late), 'https');
  await fails(ask(silent, asked), 'untrusted', 'ECONNRESET');
  const slow = await secure((_request, response) => {
    late();
    response.end('late');
  });
  assert.equal((await ask(slow, asked)).bytes.toString(), 'late');
});

test('ends when it is told to', async () => {
  const ending = new AbortController();
  const url = await plain(() => ending.abort());
  await fails(ask(url, get({ signal: ending.signal })), 'broken-off', 'ABORT_ERR');
});

test('no connection outlives its answer, but somebody’s own', async () => {
  const ports = new Set<number | undefined>();
  const url = await plain((request, response) => {
    ports.add(request.socket.remotePort);
    response.end();
  });
  const agent = new Agent({ keepAlive: true });
  try {
    for (let n = 0; n < 3; n++) await ask(url, get({ agent }));
    assert.equal(ports.size, 1);
    for (let n = 0; n < 2; n++) await ask(url, get());
    assert.equal(ports.size, 3);
  } finally {
    agent.destroy();
  }
});

test('a proxy of the environment is used, end to end under TLS, and never for this machine', async () => {
  const url = await secure((_request, response) => void response.end('through'));
  const asked: (string | undefined)[] = [];
  const proxy = createHttpServer().on('connect', (request, client) => {
    asked.push(request.url);
    const onward = connect(Number(url.port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(onward).pipe(client);
    });
    onward.on('error', () => client.destroy());
    client.on('error', () => onward.destroy());
  });
  process.env.HTTPS_PROXY = `http://127.0.0.1:${await listening(proxy)}`;
  try {
    const { bytes } = await ask(new URL(`https://${NAME}/`), get({ trust: cert }));
    assert.equal(bytes.toString(), 'through');
    await ask(url, get({ trust: cert }));
    // Behind a proxy there is no socket before TLS stands: its failure alone tells.
    const name = 'DEPTH_ZERO_SELF_SIGNED_CERT';
    await fails(ask(new URL(`https://${NAME}/`), get()), 'unreachable', name);
  } finally {
    delete process.env.HTTPS_PROXY;
  }
  assert.deepEqual(asked, [`${NAME}:443`, `${NAME}:443`]);
});
