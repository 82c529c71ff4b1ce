import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { talk } from './conversation.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halligan-talk-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const ask = (socket: string) => talk('rotator', { socket }, async () => undefined);

test('a program that is not there is said to be, with its socket', async () => {
  const socket = join(folder, 'nobody');
  const expected = { code: 'server.program', hint: /nobody does not answer \(ENOENT\)/ };
  await assert.rejects(ask(socket), expected);
  await assert.rejects(ask(socket), expected, 'the next conversation begins anew');
});

test('who hangs up, or talks nonsense, is no program', async () => {
  for (const [at, says] of ['', 'hello\n', '{"maybe":1}\n', '{'].entries()) {
    const socket = join(folder, `other-${at}`);
    const server = createServer({ allowHalfOpen: true }, (connection) => {
      connection.on('error', () => undefined);
      connection.once('data', () => connection.end(says));
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    try {
      await assert.rejects(ask(socket), { code: 'server.program' }, says);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  }
});
