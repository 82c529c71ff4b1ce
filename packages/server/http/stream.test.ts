import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { addSystem, changeRoster, type Person, person, upon } from '../contoso.fixture.ts';
import { type Talking, talking } from './talking.fixture.ts';

let scene: Talking;
let eve: Person;
before(async () => {
  eve = await person('eve', ['custodian']);
  scene = await talking([eve]);
});
after(() => scene.end());

/** A stream as a device reads it: its lines, and its end. */
async function opened(token: string, headers: Readonly<Record<string, string>> = {}) {
  const { hostname, port } = new URL(scene.server.url);
  const socket = connect(Number(port), hostname);
  const extra = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(
    `GET /v1/stream HTTP/1.1\r\nHost: halligan\r\nAuthorization: Bearer ${token}\r\n${extra.join('')}\r\n`,
  );
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const closed = once(socket, 'close');
  const next = async (wanted: RegExp): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) return 'the end';
      if (wanted.test(value)) return value;
    }
  };
  return { next, closed, socket };
}

let count = 0;
async function grow(): Promise<number> {
  const { leader } = scene.server.parts;
  count += 1;
  const outcome = await leader.submit(
    await addSystem(scene.contoso.people.dana, `system-${count}`, upon(leader)),
  );
  assert.ok('checkpoint' in outcome);
  return outcome.checkpoint.size;
}

test('tells where the log stands, and each time it grows, with its size as the id', async () => {
  const stream = await opened(await scene.token(scene.contoso.people.lea));
  const { size } = scene.server.parts.leader.checkpoint();
  assert.equal(await stream.next(/^id:/), `id: ${size}`);
  assert.equal(await stream.next(/^data:/), `data: ${size}`);
  await grow();
  assert.equal(await stream.next(/^id:/), `id: ${size + 1}`);
  stream.socket.destroy();
});

test('resumes: who saw everything is told of what comes next, who missed something of where it stands', async () => {
  const token = await scene.token(scene.contoso.people.lea);
  const { size } = scene.server.parts.leader.checkpoint();
  const current = await opened(token, { 'Last-Event-ID': String(size) });
  const behind = await opened(token, { 'Last-Event-ID': String(size - 1) });
  await current.next(/open/);
  assert.equal(await behind.next(/^id:/), `id: ${size}`);
  await grow();
  assert.equal(await current.next(/^id:/), `id: ${size + 1}`);
  for (const { socket } of [current, behind]) socket.destroy();
});

test('who saw more than there is learns that the server was rolled back', async () => {
  const token = await scene.token(scene.contoso.people.lea);
  const refused = async (id: string) => {
    const response = await scene.send('GET', '/v1/stream', {
      token,
      headers: { 'last-event-id': id },
    });
    return [response.status, Object(await response.json()).code];
  };
  assert.deepEqual(await refused('999999'), [400, 'server.behind']);
  assert.deepEqual(await refused('one'), [400, 'server.request']);
});

test('ends when its person signs out, and no other', async () => {
  const [one, other] = [
    await scene.token(scene.contoso.people.lea),
    await scene.token(scene.contoso.people.lea),
  ];
  const [ending, staying] = [await opened(one), await opened(other)];
  for (const stream of [ending, staying]) await stream.next(/^data:/);
  await scene.send('POST', '/v1/sign-out', { token: one });
  await ending.closed;
  await grow();
  assert.match(await staying.next(/^data:/), /data: \d+/);
  staying.socket.destroy();
});

test('one person opens so many streams', async () => {
  const token = await scene.token(scene.contoso.people.raj);
  const streams = [];
  for (let at = 0; at < 16; at += 1) streams.push(await opened(token));
  for (const stream of streams) await stream.next(/open/);
  const refused = await scene.send('GET', '/v1/stream', { token });
  assert.equal(refused.status, 429);
  for (const { socket } of streams) socket.destroy();
});

test('ends when its person leaves the roster', async () => {
  const { leader } = scene.server.parts;
  const { dana, raj } = scene.contoso.people;
  const stream = await opened(await scene.token(eve));
  await stream.next(/^data:/);
  const removed = await changeRoster({ do: 'remove', person: 'eve' }, [dana, raj], upon(leader));
  assert.ok('events' in (await leader.submit(removed.stored)));
  await stream.closed;
});
