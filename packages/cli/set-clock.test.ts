/** The server's clock is set by hours while it runs, and it is restarted: each duty is told once, and people are told why. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addSink, startServer } from '@halligan/server';
import { EXIT } from './exit-codes.ts';
import { type LiveOpening, liveOpening } from './live-opening.fixture.ts';
import { PersonHome } from './person-home.ts';
import { personFolder } from './practice/people.ts';
import { type Post, postReceiver } from './receivers.fixture.ts';
import { SettableClock } from './settable-clock.fixture.ts';

const HOUR = 3_600_000;
const clock = new SettableClock();
let hook: Awaited<ReturnType<typeof postReceiver>>;
let scene: LiveOpening;
before(async () => {
  hook = await postReceiver();
  const url = `http://127.0.0.1:${hook.port}/`;
  const prepare = async (root: string) =>
    void (await addSink(root, { kind: 'webhook', name: 'hook', url, asks: [] }));
  scene = await liveOpening(prepare, clock.clocks);
});
after(async () => {
  await scene?.end();
  await hook.close();
});

const as: LiveOpening['as'] = (...words) => scene.as(...words);
const ofType = (type: string) => (post: Post) => post.body.type === type;
const told = (type: string) => hook.inbox.got.filter(ofType(type));

async function setBy(milliseconds: number): Promise<number> {
  const jumps = told('server.clock-jumped').length;
  clock.off += milliseconds;
  await scene.server.beat();
  await scene.server.settled();
  return told('server.clock-jumped').length - jumps;
}

test('set forward, back and forward again: each duty is told once, each jump is told', async () => {
  await scene.server.beat();
  await scene.server.settled();
  assert.deepEqual(told('obligation.late'), []);
  assert.equal(await setBy(6 * HOUR), 1);
  const late = told('obligation.late');
  const about = late.filter(({ body }) => Object(body.data).about === scene.emergency);
  assert.ok(about.length > 0, 'what became late is told');
  assert.equal(new Set(late.map(({ id }) => id)).size, late.length);
  const said = hook.inbox.got.filter(({ body }) => String(body.type).startsWith('obligation.'));
  for (const jump of [-6 * HOUR, 6 * HOUR, -HOUR, HOUR]) assert.equal(await setBy(jump), 1);
  assert.deepEqual(
    hook.inbox.got.filter(({ body }) => String(body.type).startsWith('obligation.')),
    said,
  );
});

test('a device whose clock differs is told so, and what to do; what the rules allow is taken', async () => {
  // No deadline stands against it.
  const taken = await as('ana', 'emergency', 'abort', scene.emergency, '--reason', 'Over.');
  assert.equal(taken.code, EXIT.ok, taken.said);
  assert.match(taken.said, /Your clock is 6 h behind the server/);
  assert.match(taken.said, /Compare both with a clock that you trust/);
});

test('after a restart by the right clock, what was told is not told again', async () => {
  const before = hook.inbox.got.filter(({ body }) => String(body.type).startsWith('obligation.'));
  await scene.server.stop();
  clock.off = 0;
  const again = await startServer(scene.root, () => undefined, {
    level: 'warning',
    clocks: clock.clocks,
  });
  try {
    await (await PersonHome.open(personFolder(scene.root, 'dana'))).learn({ url: again.url });
    await again.beat();
    clock.off = 7 * HOUR;
    await again.beat();
    await again.settled();
    const ids = hook.inbox.got
      .filter(({ body }) => String(body.type).startsWith('obligation.'))
      .map(({ id }) => id);
    assert.ok(ids.length >= before.length);
    assert.equal(new Set(ids).size, ids.length, 'no duty twice');
  } finally {
    await again.stop();
  }
});
