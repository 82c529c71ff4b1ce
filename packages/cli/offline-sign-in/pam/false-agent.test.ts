/** Whatever answers at the socket, module and helper let nobody in but for a clear yes, and end no program that called. */
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Frame, frame, framesOf, LETTERS } from '@halligan/device';
import { Machine, missing } from './machine.fixture.ts';

const skip = missing();

/** What an agent of ours does not do, once it was asked. @param frames that still come */
type Answer = (socket: Socket, frames: AsyncIterator<Frame, void>) => unknown;

async function falseAgent(context: TestContext, by: 'module' | 'helper' = 'module') {
  const machine = await Machine.start();
  const installed = await machine.halligan('pam', 'install', '--by', by);
  assert.equal(installed.code, 0, installed.out);
  let answer: Answer = () => undefined;
  const server = createServer(async (socket) => {
    socket.on('error', () => undefined);
    const frames = framesOf(socket.iterator({ destroyOnReturn: false }));
    try {
      if (await isAsked(frames)) await answer(socket, frames);
      // Its end is read, or the socket would never close.
      while ((await frames.next()).done !== true);
    } catch {
      // One of the two hung up.
    }
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
    answered: (how: Answer, ...typed: readonly string[]) => {
      answer = how;
      const tester = ['pamtester', 'sudo', 'ana', 'authenticate'];
      return machine.run(tester, ['right', ...typed, ''].join('\n'));
    },
  };
}

/** Whether a whole question came: its last frame is the password. */
async function isAsked(frames: AsyncIterator<Frame, void>): Promise<boolean> {
  for (;;) {
    const { value } = await frames.next();
    if (value === undefined || value.letter === LETTERS.password) return value !== undefined;
  }
}

for (const by of ['module', 'helper'] as const)
  test(`by the ${by}, nothing but a whole yes lets in, and nothing ends the caller`, {
    skip,
  }, async (context) => {
    const { answered } = await falseAgent(context, by);
    const yes = frame(LETTERS.in);
    assert.equal((await answered((socket) => socket.end(yes))).code, 0);
    const long = Uint8Array.of(0x53, 0x10, 0x01);
    const hostile: Readonly<Record<string, Answer>> = {
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
  const letters: (string | undefined)[] = [];
  const { code } = await answered(async (socket, frames) => {
    for (const asks of [LETTERS.askShown, LETTERS.askHidden, LETTERS.askHidden]) {
      socket.write(frame(asks, 'More: '));
      const { value } = await frames.next();
      letters.push(value?.letter);
    }
    socket.write(frame(LETTERS.out, 'No.'));
  }, 'one');
  assert.equal(code, 1);
  assert.deepEqual(letters, ['a', 'x', 'x']);
});
