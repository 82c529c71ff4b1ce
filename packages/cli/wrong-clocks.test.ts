/** A person's clock, then the server's, is wrong by hours in the middle of an opening: each is told which, and what to do. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { emergencyById } from '@halligan/procedure';
import { textAttachment } from '@halligan/statement';
import { z } from 'zod';
import { recordClockCheck } from './doctor/check.ts';
import { EXIT } from './exit-codes.ts';
import { type LiveOpening, liveOpening } from './live-opening.fixture.ts';
import { personFolder } from './practice/people.ts';
import { program } from './run.fixture.ts';
import { SettableClock } from './settable-clock.fixture.ts';

const HOUR = 3_600_000;
const clock = new SettableClock();
let scene: LiveOpening;
before(async () => {
  scene = await liveOpening(undefined, clock.clocks);
});
after(() => scene?.end());

/** A person's own program, on a machine whose clock is wrong. */
async function as(person: string, hours: number, ...argv: readonly string[]) {
  const shifted = join(import.meta.dirname, 'shifted-clock.fixture.ts');
  const { code, out, err } = await program('halligan.ts', [...argv, '--json', '--no-input'], {
    HALLIGAN_PERSON_HOME: personFolder(scene.root, person),
    HALLIGAN_HOME: join(scene.root, 'none'),
    NODE_OPTIONS: `--import ${shifted}`,
    HALLIGAN_TEST_SHIFT: String(hours * HOUR),
  });
  return { code, said: err, answer: JSON.parse(out || '{}') };
}

const doctorSchema = z.object({
  checks: z.array(
    z.object({
      check: z.string(),
      level: z.string(),
      found: z.string(),
      fix: z.string().optional(),
    }),
  ),
});

async function clockSeenBy(person: string, hours: number) {
  const { answer } = await as(person, hours, 'doctor');
  const found = doctorSchema.parse(answer).checks.find(({ check }) => check === 'clock');
  return found ?? assert.fail('no clock was looked at');
}

const size = () => scene.server.parts.leader.checkpoint().size;
const words = () => ['--check-words', scene.checkWords.join(' ')];

test('a device that is wrong by hours releases nothing out of time, changes nothing, and its person is told', async () => {
  const before = size();
  // By its own clock the window is over.
  const ahead = await as('ana', 6, 'emergency', 'release', scene.emergency, ...words());
  assert.deepEqual([ahead.code, ahead.answer.error.code], [EXIT.denied, 'release.window']);
  assert.ok(ahead.answer.error.hint.length > 10);
  for (const hours of [6, -6]) {
    // The declaration’s requester cannot ask again meanwhile: what the rules say is said with what may be the cause.
    const again = await as('ana', hours, 'emergency', 'open', scene.emergency);
    assert.deepEqual([again.code, again.answer.error.code], [EXIT.failed, 'server.clock']);
    const { message, hint } = again.answer.error;
    assert.match(
      message,
      new RegExp(`^Your clock is 6 h ${hours > 0 ? 'ahead of' : 'behind'} the server’s\\. .+`),
    );
    assert.match(hint, /Compare both with a clock that you trust.*kit/);
    const { level, found, fix } = await clockSeenBy('ana', hours);
    assert.equal(level, 'fail');
    assert.equal(found, `6 h ${hours > 0 ? 'ahead of' : 'behind'} the server`);
    assert.match(fix ?? '', /Compare both with a clock that you trust/);
  }
  assert.equal(size(), before);
});

test('a server that was set back goes on by the record’s own clock, which never goes back', async () => {
  clock.off = -6 * HOUR;
  await scene.server.beat();
  assert.equal((await clockSeenBy('ana', 0)).level, 'ok');
  const released = await as('ana', 0, 'emergency', 'release', scene.emergency, ...words());
  assert.equal(released.code, EXIT.ok, released.said);
  clock.off = 0;
});

test('a server that was set forward refuses with 409 and both reasons; set right again, the opening goes on', async () => {
  const before = size();
  clock.off = 6 * HOUR;
  // What time alone would bring about waits, until somebody had time to set it right.
  await scene.server.beat();
  const { code, answer } = await as('ana', 0, 'emergency', 'open', scene.emergency);
  assert.deepEqual([code, answer.error.code], [EXIT.failed, 'server.clock']);
  assert.match(answer.error.message, /^Your clock is 6 h behind the server’s\. .+/);
  // Over HTTP, as the device sends it.
  const ben = await scene.device('ben');
  const proven = await ben.prove({ emergency: scene.emergency, account: scene.account });
  const reason = textAttachment('Over.');
  const signed = await ben.sign(proven, 'abort', {
    subject: scene.emergency,
    purpose: 'real',
    reason: reason.digest,
  });
  const response = await fetch(new URL('/v1/statements', scene.server.url), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await scene.token('ben')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ signed: [signed], attachments: [reason] }),
  });
  const problem = z
    .object({ code: z.string(), detail: z.string(), hint: z.string() })
    .parse(await response.json());
  assert.deepEqual([response.status, problem.code], [409, 'server.clock']);
  assert.match(problem.detail, /^Your clock is 6 h behind the server’s\. .+/);
  assert.match(problem.hint, /use the kit/);
  const seen = await clockSeenBy('ben', 0);
  assert.deepEqual([seen.level, seen.found], ['fail', '6 h behind the server']);
  assert.equal(size(), before, 'nothing was recorded');

  clock.off = 0;
  await scene.server.beat();
  assert.equal((await clockSeenBy('ben', 0)).level, 'ok');
  const released = await as('ben', 0, 'emergency', 'release', scene.emergency, ...words());
  assert.equal(released.code, EXIT.ok, released.said);
  await scene.server.settled();
  const [opening] = emergencyById(scene.server.parts.leader.state, scene.emergency)?.openings ?? [];
  assert.notEqual(opening?.quorumAt, undefined);
});

test('a server’s machine whose clock is before its own record is named by its doctor', () => {
  const now = Date.parse('2030-03-01T12:00:00.000Z');
  assert.equal(recordClockCheck('2030-03-01T12:04:00.000Z', now).level, 'ok');
  const { level, found, fix } = recordClockCheck('2030-03-01T18:00:00.000Z', now);
  assert.equal(level, 'fail');
  assert.match(found, /, 6 h before the record’s last entry of 2030-03-01T18/);
  assert.match(fix ?? '', /timedatectl.*work from a kit/);
});
