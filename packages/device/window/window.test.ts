import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Configuration,
  DEFAULTS,
  type DeviceTime,
  endOf,
  openWindow,
  type Window,
} from '../index.ts';

const ON: Configuration = { ...DEFAULTS, enabled: true, maxTtlSeconds: 86_400 };

function at(seconds: number): DeviceTime {
  return { seconds, boot: 'a', uptime: seconds };
}

function wish(ttlSeconds?: number) {
  return { ttlSeconds, by: 'root', why: 'The provider is down.' };
}

function opened(window: ReturnType<typeof openWindow>): Window {
  assert.ok(!('refused' in window), JSON.stringify(window));
  return window;
}

test('a window stays open as long as asked, or as configured, and ends by itself', () => {
  const window = opened(openWindow(ON, undefined, wish(), false, at(100)));
  assert.deepEqual(window, {
    ...{ openedAt: 100, endsAt: 7300, by: 'root', why: 'The provider is down.' },
  });
  assert.equal(endOf(window, ON, false, at(7299)), undefined);
  assert.equal(endOf(window, ON, false, at(7300)), 'expired');
  assert.equal(opened(openWindow(ON, undefined, wish(60), false, at(100))).endsAt, 160);
});

test('a window ends when the provider is back, and when the feature is turned off', () => {
  const window = opened(openWindow(ON, undefined, wish(), false, at(100)));
  assert.equal(endOf(window, ON, true, at(200)), 'provider-back');
  assert.equal(endOf(window, DEFAULTS, false, at(200)), 'disabled');
});

test('a window is refused where it is disabled, not needed, without a time, or too long', () => {
  const refused = (configuration: Configuration, ttl: number | undefined, isOnline = false) => {
    const answer = openWindow(configuration, undefined, wish(ttl), isOnline, at(100));
    return 'refused' in answer ? answer.refused : undefined;
  };
  assert.equal(refused(DEFAULTS, 60), 'disabled');
  assert.equal(refused(ON, 60, true), 'online');
  assert.equal(refused({ ...ON, ttlSeconds: 0 }, undefined), 'no-ttl');
  assert.equal(refused(ON, 86_401), 'too-long');
  assert.equal(refused(ON, 86_400), undefined);
});

test('however often a window is opened again, it does not outlast the longest time', () => {
  const again = fc.record({ after: fc.nat(90_000), ttl: fc.integer({ min: 1, max: 100_000 }) });
  fc.assert(
    fc.property(fc.array(again), (wishes) => {
      let now = 0;
      let window: Window | undefined;
      for (const { after, ttl } of wishes) {
        now += after;
        const ended = window === undefined || now >= window.endsAt;
        const answer = openWindow(ON, window, wish(ttl), false, at(now));
        if ('refused' in answer) continue;
        assert.equal(answer.openedAt, ended ? now : window?.openedAt);
        assert.ok(answer.endsAt - answer.openedAt <= ON.maxTtlSeconds);
        window = answer;
      }
    }),
  );
});
