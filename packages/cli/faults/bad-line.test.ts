import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type BadLine, startBadLine } from './bad-line.ts';

test('a bad line passes, cuts in the middle of an answer, falls silent, and is mended', async (t) => {
  const { line } = await echo(t);
  const well = speak(line, '0123456789');
  await once(well.socket, 'data');
  assert.equal(well.heard(), '0123456789');
  line.cutAfter(4);
  const cut = speak(line, '0123456789');
  await closed(cut.socket);
  assert.equal(cut.heard(), '0123');
  const refused = speak(line, '0123456789');
  await closed(refused.socket);
  assert.equal(refused.heard(), '');
  line.mend();
  const again = speak(line, '0123456789');
  await once(again.socket, 'data');
  line.silence();
  again.socket.write('more');
  line.mend();
  await closed(again.socket);
  assert.equal(again.heard(), '0123456789');
});

test('over a half-open line questions arrive and answers do not', async (t) => {
  const { line, arrived } = await echo(t);
  line.halfOpen();
  const asked = speak(line, 'set it');
  assert.equal(await arrived(6), 'set it');
  line.mend();
  await closed(asked.socket);
  assert.equal(asked.heard(), '');
});

test('a slow line delivers what was under way even when whoever asked has gone', async (t) => {
  const { line, arrived } = await echo(t);
  line.slow(300);
  const asked = speak(line, 'set it');
  await once(asked.socket, 'connect');
  asked.socket.end();
  assert.equal(await arrived(6), 'set it');
});

test('a line spoils an answer after so many bytes', async (t) => {
  const { line } = await echo(t);
  line.garbageAfter(4);
  const asked = speak(line, '0123456789');
  await once(asked.socket, 'data');
  assert.match(asked.heard(), /^0123[^4]/);
});

test('new connections are led to whoever stands in, until the line is mended', async (t) => {
  const { line } = await echo(t);
  const other = await echo(t, 'I am another: ');
  line.lead(other.port);
  const led = speak(line, 'who');
  await once(led.socket, 'data');
  assert.match(led.heard(), /^I am another/);
  line.mend();
  const asked = speak(line, 'who');
  await once(asked.socket, 'data');
  assert.equal(asked.heard(), 'who');
});

/** A system that says what it hears, behind a bad line. */
async function echo(t: TestContext, before = '') {
  let heard = '';
  const system = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      heard += chunk.toString();
      system.emit('heard');
      socket.write(before + chunk.toString());
    });
  });
  system.listen(0, '127.0.0.1');
  await once(system, 'listening');
  // A server that listens on an address has one of this form; only pipes have a text.
  const { port } = system.address() as AddressInfo;
  const line = await startBadLine('127.0.0.1', port);
  t.after(async () => {
    await line.close();
    system.close();
  });
  const arrived = async (bytes: number) => {
    while (heard.length < bytes) await once(system, 'heard');
    return heard;
  };
  return { line, port, arrived };
}

function speak(line: BadLine, words: string) {
  const socket = connect({ host: '127.0.0.1', port: line.port });
  socket.on('error', () => undefined);
  socket.write(words);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { socket, heard: () => Buffer.concat(chunks).toString('latin1') };
}

/** However it ends: a cut line is an error to its socket. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
