import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import { Api } from './api.ts';

let api: Api;
let answer: (response: ServerResponse) => void;
const server = createServer((_request, response) => answer(response));
const stream = { 'content-type': 'text/event-stream' };

before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
after(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  api = new Api(`http://127.0.0.1:${port}`, null);
});

/** Listens until something ends it. */
async function listen(signal: AbortSignal, on: (size: number) => void): Promise<void> {
  for await (const size of api.sizes(signal)) on(size);
}

test('a device stops waiting when its patience ends, though the server says nothing more', async () => {
  answer = (response) => void response.writeHead(200, stream).write('data: 7\n\n');
  const patience = new AbortController();
  const sizes: number[] = [];
  await listen(patience.signal, (size) => {
    sizes.push(size);
    setImmediate(() => patience.abort());
  });
  assert.deepEqual(sizes, [7]);
  await listen(patience.signal, () => assert.fail('it listened without patience'));
});

test('a server that goes away while a device waits is said to have gone, not to be silent', async () => {
  const fates: readonly ((response: ServerResponse) => void)[] = [
    (response) => response.destroy(),
    (response) => void response.end(),
  ];
  for (const fate of fates) {
    answer = (response) => {
      response.writeHead(200, stream).write('data: 1\n\n');
      setImmediate(() => fate(response));
    };
    const listening = listen(new AbortController().signal, () => undefined);
    await assert.rejects(listening, { code: 'cli.unreachable', hint: /emergency show/ });
  }
});

test('a stream that is refused is refused in the server’s own words', async () => {
  const body = { code: 'server.session', detail: 'You are not signed in.', hint: 'Sign in again.' };
  answer = (response) => void response.writeHead(401).end(JSON.stringify(body));
  const listening = listen(new AbortController().signal, () => undefined);
  await assert.rejects(listening, { code: 'server.session' });
});

test('an answer that is cut off in the middle is no answer', async () => {
  answer = (response) => {
    response.writeHead(201, { 'content-length': '100' }).write('{"size":');
    setImmediate(() => response.destroy());
  };
  await assert.rejects(api.post('/v1/statements'), { code: 'cli.unreachable' });
});

test('what the server says besides is told to the person, and nothing in it moves their cursor', async () => {
  const said: string[] = [];
  const warning = { code: 'server.clock', detail: 'Your clock is off\u001b[2J.', hint: 'Compare.' };
  answer = (response) => void response.writeHead(201).end(JSON.stringify({ size: 7, warning }));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const warned = new Api(`http://127.0.0.1:${port}`, null, (text) => said.push(text));
  assert.deepEqual(await warned.post('/v1/statements'), { size: 7, warning });
  assert.deepEqual(said, ['warning [server.clock]: Your clock is off<U+001B>[2J. Compare.']);
  answer = (response) => void response.writeHead(201).end('{"size":7}');
  await warned.post('/v1/statements');
  assert.equal(said.length, 1);
});
