import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { behind, type DeviceTime, deviceTime, type Reading } from '../index.ts';

const START: DeviceTime = { seconds: 1_000_000, boot: 'a', uptime: 500 };

test('a new machine begins with its wall clock', () => {
  assert.deepEqual(deviceTime(undefined, { wall: 77, boot: 'a', uptime: 5 }), {
    ...{ seconds: 77, boot: 'a', uptime: 5 },
  });
});

test('a wall clock that is turned back stops nothing', () => {
  const reading: Reading = { wall: 10, boot: 'a', uptime: 560 };
  assert.equal(deviceTime(START, reading).seconds, 1_000_060);
  assert.equal(behind(deviceTime(START, reading), reading), 1_000_050);
});

test('after a reboot at least the time since the boot has passed, and more where the wall clock knows it', () => {
  assert.equal(deviceTime(START, { wall: 10, boot: 'b', uptime: 30 }).seconds, 1_000_030);
  assert.equal(deviceTime(START, { wall: 1_009_000, boot: 'b', uptime: 30 }).seconds, 1_009_000);
});

test('however the clocks are turned, time never goes back and is never slower than the boot clock', () => {
  const step = fc.record({
    up: fc.integer({ min: 0, max: 10_000 }),
    turned: fc.integer({ min: -1e9, max: 1e9 }),
    reboot: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let time = START;
      let wall = START.seconds;
      let { boot, uptime } = START;
      for (const { up, turned, reboot } of steps) {
        wall += turned + up;
        boot = reboot ? `${boot}+` : boot;
        uptime = reboot ? up : uptime + up;
        const later = deviceTime(time, { wall, boot, uptime });
        assert.ok(later.seconds >= time.seconds + up);
        assert.ok(later.seconds >= wall);
        time = later;
      }
    }),
  );
});
