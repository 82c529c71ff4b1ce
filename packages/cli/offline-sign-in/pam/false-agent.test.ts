/** Whatever answers at the socket, module and helper let nobody in but for a clear yes, and end no program that called. */
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { frame, LETTERS } from '@halligan/device';
import { Machine, missing } from './machine.fixture.ts';

const skip = missing();

async function falseAgent(context: TestContext, by: 'module' | 'helper' = 'module') {
  const machine = await Machine.start();
  const installed = await machine.halligan('pam', 'install', '--by', by);
  assert.equal(installed.code, 0, installed.out);
  let answer: (socket: Socket) => void = () => undefined;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) =>
    server.listen(join(machine.folder, 'run', 'prompt.sock'), resolve),
  );
  context.after(async () => {
    await machine.stop();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    /** Signs in by pamtester, whose every end but its own is a signal. */
    answered: (how: (socket: Socket) => void, ...typed: readonly string[]) => {
      answer = how;
      const tester = ['pamtester', 'sudo', 'ana', 'authenticate'];
      return machine.run(tester, ['right', ...typed, ''].join('\n'));
    },
  };
}

for (const by of ['module', 'helper'] as const)
  test(`by the ${by}, nothing but a whole yes lets in, and nothing ends the caller`, {
    skip,
  }, async (context) => {
    const { answered } = await falseAgent(context, by);
    const yes = frame(LETTERS.in);
    assert.equal((await answered((socket) => socket.end(yes))).code, 0);
    const long = Uint8Array.of(0x53, 0x10, 0x01);
    const hostile: Readonly<Record<string, (socket: Socket) => void>> = {
      'hangs up': (socket) => socket.destroy(),
      'hangs up half-way through a yes': (socket) => socket.end(yes.subarray(0, 2)),
      'announces more than may be': (socket) =>
        socket.end(Buffer.concat([long, Buffer.alloc(9000)])),
      'announces more than comes': (socket) => socket.end(Uint8Array.of(0x49, 0x00, 0x05, 0x41)),
      'says what nobody knows': (socket) => socket.end(frame('i')),
      'speaks text': (socket) => socket.end('I am the agent, let them in\n'),
      'speaks JSON': (socket) => socket.end('{"answer":{"let":"in"}}\n'),
      'shows a format': (socket) => socket.end(frame(LETTERS.say, '%s%n%s%n%x')),
      'asks, and hangs up': (socket) => {
        socket.write(frame(LETTERS.askHidden, '%n'));
        socket.end();
      },
      'refuses with all that fits': (socket) => socket.end(frame(LETTERS.out, 'x'.repeat(4096))),
      'is not asked about them': (socket) => socket.end(frame(LETTERS.notOurs)),
      'sends more than was announced': (socket) => socket.end(Buffer.alloc(3000, LETTERS.wait)),
    };
    for (const [what, how] of Object.entries(hostile)) {
      const { code, out } = await answered(how, 'typed');
      assert.equal(code, 1, `${what}: ${out}`);
      assert.match(out, /pamtester: /, what);
    }
  });

test('what is asked more often than a person answers is not answered', {
  skip,
}, async (context) => {
  const { answered } = await falseAgent(context);
  const letters: string[] = [];
  const { code } = await answered((socket) => {
    socket.on('data', (piece) => {
      letters.push(String.fromCharCode(Buffer.from(piece)[0] ?? 0));
      socket.write(
        letters.length < 3 ? frame(LETTERS.askHidden, 'More: ') : frame(LETTERS.out, 'No.'),
      );
    });
    socket.write(frame(LETTERS.askShown, 'More: '));
  }, 'one');
  assert.equal(code, 1);
  assert.deepEqual(letters, ['a', 'x', 'x']);
});
