import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import { Conversation } from './conversation.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'halligan-talk-'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function ask(socket: string): Promise<void> {
  const conversation = new Conversation('rotator', { socket }, () => Promise.reject(new Error()));
  try {
    await conversation.ask({ do: 'seen', streams: [] });
  } finally {
    await conversation.end();
  }
}

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

test('who says nothing is given up', async () => {
  const socket = join(folder, 'silent');
  const { promise: isAsked, resolve } = Promise.withResolvers<void>();
  const server = createServer((connection) => {
    connection.on('error', () => undefined);
    connection.once('data', () => resolve());
  });
  await new Promise<void>((listening) => server.listen(socket, listening));
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const asked = assert.rejects(ask(socket), { code: 'server.program' });
    await isAsked;
    mock.timers.tick(60_000);
    await asked;
  } finally {
    mock.timers.reset();
    await new Promise((closed) => server.close(closed));
  }
});
