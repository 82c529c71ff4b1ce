/** The harness of `npm run faults -- --rotations N`, and a few rotations of the practice system under it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { startBadLine } from './bad-line.ts';
import { rotationFaults } from './rotation-faults.fixture.ts';

test('rotations whose server and rotator are killed lose no account', async () => {
  const report = await rotationFaults('practice', 3, () => undefined);
  assert.deepEqual(report.wrong, []);
  assert.equal(report.blows.server + report.blows.rotator, 3);
});

test('a bad line passes, cuts in the middle of an answer, falls silent, and is mended', async (t) => {
  const system = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => socket.write(chunk));
  });
  system.listen(0, '127.0.0.1');
  await once(system, 'listening');
  const line = await startBadLine((system.address() as AddressInfo).port);
  t.after(async () => {
    await line.close();
    system.close();
  });
  const speak = () => {
    const socket = connect({ host: '127.0.0.1', port: line.port });
    socket.on('error', () => undefined);
    socket.write('0123456789');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    return { socket, heard: () => Buffer.concat(chunks).toString() };
  };
  const well = speak();
  await once(well.socket, 'data');
  assert.equal(well.heard(), '0123456789');
  line.cutAfter(4);
  const cut = speak();
  await closed(cut.socket);
  assert.equal(cut.heard(), '0123');
  const refused = speak();
  await closed(refused.socket);
  assert.equal(refused.heard(), '');
  line.mend();
  const again = speak();
  await once(again.socket, 'data');
  line.silence();
  again.socket.write('more');
  line.mend();
  await closed(again.socket);
  assert.equal(again.heard(), '0123456789');
});

/** However it ends: a cut line is an error to its socket. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
