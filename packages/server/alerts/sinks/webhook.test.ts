import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { alertSchema } from '../alert.ts';
import { authority, badServer, SAMPLE, webhookReceiver } from '../receivers.fixture.ts';
import type { WebhookSink } from '../settings.ts';
import { postWebhook, waitOf, webhookKey, webhookPublicKey } from './webhook.ts';

const KEY = `whsk_${randomBytes(32).toString('base64')}`;
const sinkTo = (port: number): WebhookSink => ({
  kind: 'webhook',
  name: 'hook',
  url: `http://127.0.0.1:${port}/alerts?team=on-call`,
  asks: [],
});
const patient = () => AbortSignal.timeout(60_000);

let tls: Awaited<ReturnType<typeof authority>>;
before(async () => {
  tls = await authority();
});
after(() => tls.remove());

test('is signed as Standard Webhooks say (v1a): checked with the platform’s own Ed25519', async () => {
  const receiver = await webhookReceiver();
  await postWebhook(sinkTo(receiver.port), KEY, SAMPLE, undefined, patient());
  const [post] = await receiver.until(1);
  assert.ok(post !== undefined);
  assert.deepEqual(alertSchema.parse(JSON.parse(post.body)), SAMPLE);
  assert.equal(post.headers['webhook-id'], SAMPLE.id);
  const [version, signature = ''] = String(post.headers['webhook-signature']).split(',');
  assert.equal(version, 'v1a');
  const publicKey = Buffer.from(webhookPublicKey(webhookKey(KEY)).slice('whpk_'.length), 'base64');
  const key = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']);
  const signed = `${post.headers['webhook-id']}.${post.headers['webhook-timestamp']}.${post.body}`;
  const verifies = (text: string) =>
    crypto.subtle.verify('Ed25519', key, Buffer.from(signature, 'base64'), Buffer.from(text));
  assert.equal(await verifies(signed), true);
  assert.equal(await verifies(`${signed} `), false);
  assert.ok(Math.abs(Number(post.headers['webhook-timestamp']) * 1000 - Date.now()) < 600_000);
  await receiver.close();
});

test('with a shared secret, the reference library of Standard Webhooks takes it, and nothing that was changed', async () => {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const file = join(tls.folder, 'hook.secret');
  await writeFile(file, `${secret}\n`, { mode: 0o600 });
  const receiver = await webhookReceiver();
  const sink = { ...sinkTo(receiver.port), secret: { file } };
  await postWebhook(sink, KEY, SAMPLE, undefined, patient());
  const [{ headers, body } = { headers: {}, body: '' }] = await receiver.until(1);
  assert.match(String(headers['webhook-signature']), /^v1a,\S+ v1,\S+$/);
  const named = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  const sent = Object.fromEntries(named.map((name) => [name, String(headers[name])]));
  const reference = new Webhook(secret);
  assert.deepEqual(reference.verify(body, sent), SAMPLE);
  assert.throws(() => reference.verify(`${body} `, sent), /signature/);
  assert.throws(() => reference.verify(body, { ...sent, 'webhook-id': 'another' }), /signature/);
  const old = { ...sent, 'webhook-timestamp': String(Number(sent['webhook-timestamp']) - 3600) };
  assert.throws(() => reference.verify(body, old), /timestamp/);
  await receiver.close();
});

test('a shared secret that is none, or that others can read, is said and nothing is sent', async () => {
  const receiver = await webhookReceiver();
  const file = join(tls.folder, 'bad.secret');
  const post = () =>
    postWebhook(
      { ...sinkTo(receiver.port), secret: { file } },
      ...([KEY, SAMPLE, undefined, patient()] as const),
    );
  await writeFile(file, 'whsec_c2hvcnQ=', { mode: 0o600 });
  await assert.rejects(post(), { code: 'alert.key' });
  await chmod(file, 0o644);
  await assert.rejects(post(), { code: 'alert.secret' });
  assert.equal(receiver.got.length, 0);
  await receiver.close();
});

test('where it asks one person, their address goes along, and only then', async () => {
  const receiver = await webhookReceiver();
  const asking = { ...SAMPLE, to: { person: 'cio', channel: 'phone' as const } };
  await postWebhook(sinkTo(receiver.port), KEY, asking, '+44 20 7946 0000', patient());
  await postWebhook(sinkTo(receiver.port), KEY, SAMPLE, undefined, patient());
  const [first, second] = await receiver.until(2);
  assert.equal(JSON.parse(first?.body ?? '').to.address, '+44 20 7946 0000');
  assert.equal(JSON.parse(second?.body ?? '').to, undefined);
  await receiver.close();
});

test('an answer that is no success is a failure: of the sink, or of this alert; redirects are not followed', async () => {
  const cases: readonly [number, Readonly<Record<string, string>>, object][] = [
    [500, {}, { isRejected: false, wait: undefined }],
    [429, { 'retry-after': '7' }, { isRejected: false, wait: 7000 }],
    [503, { 'retry-after': 'Fri, 01 Jan 2100 00:00:00 GMT' }, { isRejected: false }],
    [302, { location: 'http://127.0.0.1:1/' }, { isRejected: false }],
    [401, {}, { isRejected: false }],
    [404, {}, { isRejected: false }],
    [400, {}, { isRejected: true }],
    [413, {}, { isRejected: true }],
  ];
  const receiver = await webhookReceiver((number, response) => {
    const [status = 500, headers = {}] = cases[number] ?? [];
    response.writeHead(status, headers).end('<html>secret words</html>');
  });
  for (const [status, , expected] of cases)
    await assert.rejects(
      postWebhook(sinkTo(receiver.port), KEY, SAMPLE, undefined, patient()),
      { code: 'alert.undelivered', ...expected },
      String(status),
    );
  assert.equal(receiver.got.length, cases.length);
  await receiver.close();
});

test('garbage, a reset, an endless answer and a receiver that hangs are failures', async () => {
  const garbage = await badServer((socket) => void socket.end('\u0000 nonsense\r\n\r\n'));
  const reset = await badServer((socket) => void socket.resetAndDestroy());
  const endless = await webhookReceiver((_number, response) => {
    response.writeHead(200);
    const pour = () => {
      if (!response.destroyed) response.write('a'.repeat(16_384), () => setImmediate(pour));
    };
    pour();
  });
  const hanging = await webhookReceiver(() => undefined);
  for (const { port } of [garbage, reset, endless])
    await assert.rejects(postWebhook(sinkTo(port), KEY, SAMPLE, undefined, patient()), {
      code: 'alert.undelivered',
    });
  await assert.rejects(
    postWebhook(sinkTo(hanging.port), KEY, SAMPLE, undefined, AbortSignal.timeout(200)),
  );
  for (const server of [garbage, reset, endless, hanging]) await server.close();
});

test('a key that is none is refused', () => {
  for (const text of ['', 'whsk_', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', KEY.slice(0, -2)])
    assert.throws(() => webhookKey(text), { code: 'alert.key' });
});

test('goes through the proxy of HTTPS_PROXY, with an authority of the organisation, not past it', async () => {
  const bodies: string[] = [];
  const target = createHttps(tls.pair, async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    bodies.push(Buffer.concat(chunks).toString('utf8'));
    response.writeHead(200).end();
  });
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  const asked: string[] = [];
  // The name that is asked for is nowhere but in this proxy's mind: without it nothing could be reached.
  const proxy = createServer();
  proxy.on('connect', (incoming, socket) => {
    asked.push(String(incoming.url));
    const address = target.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const before = process.env.HTTPS_PROXY;
  process.env.HTTPS_PROXY = `http://127.0.0.1:${port}`;
  try {
    const named = await authority('hooks.contoso.invalid');
    target.setSecureContext(named.pair);
    const sink = { ...sinkTo(1), url: 'https://hooks.contoso.invalid/alerts', ca: named.ca };
    await postWebhook(sink, KEY, SAMPLE, undefined, patient());
    assert.deepEqual(asked, ['hooks.contoso.invalid:443']);
    assert.equal(JSON.parse(bodies[0] ?? '').id, SAMPLE.id);
    const { ca: _, ...distrusting } = sink;
    await assert.rejects(postWebhook(distrusting, KEY, SAMPLE, undefined, patient()));
    await named.remove();
  } finally {
    if (before === undefined) delete process.env.HTTPS_PROXY;
    else process.env.HTTPS_PROXY = before;
    for (const server of [target, proxy]) {
      server.closeAllConnections();
      server.close();
    }
  }
});

test('Retry-After is seconds or a date ahead, and nothing that only looks like one', () => {
  const now = Date.parse('2030-01-01T00:00:00Z');
  assert.equal(waitOf('120', now), 120_000);
  assert.equal(waitOf('Tue, 01 Jan 2030 00:01:00 GMT', now), 60_000);
  assert.equal(waitOf('9'.repeat(400), now), Number.POSITIVE_INFINITY);
  const past = 'Tue, 01 Jan 2019 00:00:00 GMT';
  for (const none of [undefined, '', '-5', '1.5', 'soon', '2031-01-01', past])
    assert.equal(waitOf(none, now), undefined);
});
