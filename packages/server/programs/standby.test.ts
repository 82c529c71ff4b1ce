import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { talk } from './conversation.ts';
import { makeProgram, pinProgram } from './keys.ts';
import { begin, standBy, standDown } from './standby.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halligan-standby-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** A unit's socket, behind which something answers that it has seen nothing yet. */
async function unit(name: string) {
  const connections: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    connections.push(connection);
    connection.on('error', () => undefined).on('end', () => connection.end());
    createInterface({ input: connection }).on('line', () =>
      connection.write('{"ok":{"size":0}}\n'),
    );
  });
  const where = { socket: join(folder, name) };
  await new Promise<void>((resolve) => server.listen(where.socket, resolve));
  const close = () => new Promise((resolve) => server.close(resolve));
  return { where, server, connections, close };
}

test('a program that stands by holds the next conversation, and is started once', async () => {
  const { where, server, connections, close } = await unit('once');
  standBy('rotator', where);
  standBy('rotator', where);
  await once(server, 'connection');
  await talk('rotator', where, async (_, since) => {
    assert.equal(since, 0);
    standBy('rotator', where);
  });
  assert.equal(connections.length, 1, 'none beside one that talks: its unit takes one at a time');
  standBy('rotator', where);
  await once(server, 'connection');
  await standDown(where);
  assert.equal(connections[1]?.readableEnded, true, 'let go');
  await close();
});

test('one that has gone is started anew', async () => {
  const { where, server, connections, close } = await unit('gone');
  standBy('rotator', where);
  const [waiting] = await once(server, 'connection');
  waiting.end();
  await once(waiting, 'close');
  assert.equal(await talk('rotator', where, async (_, since) => since), 0);
  assert.equal(connections.length, 2);
  await close();
});

test('where nobody answers, that is said when it is asked', async () => {
  const where = { socket: join(folder, 'nobody') };
  standBy('rotator', where);
  await assert.rejects(
    talk('rotator', where, async () => undefined),
    { code: 'server.program', hint: /ENOENT/ },
  );
  await standDown(where);
});

test('while it stands by, a program of ours has read no key', async () => {
  const keys = join(folder, 'releaser');
  standBy('releaser', { keys });
  await makeProgram(keys, 'releaser', 'x25519');
  await pinProgram(keys, { organisation: 'o', origin: 'o/log', logKey: 'o/log+', genesis: '' });
  const before = begin('releaser', { keys });
  before.to.write('{"do":"seen"}\n');
  const [line] = await once(createInterface({ input: before.from }), 'line');
  assert.equal(line, '{"ok":{"size":0}}', 'keys that were not there when it was started');
  before.to.end();
  await before.gone();
});
