import { syncBuiltinESMExports } from 'node:module';
import type { TestContext } from 'node:test';
import timers from 'node:timers/promises';

/**
 * Nobody waits by `node:timers/promises` until the test is over, or this is called again.
 * @param meanwhile what happens in place of the waiting
 * @returns the milliseconds that somebody would have waited, so far
 */
export function pausesIn(
  context: TestContext,
  meanwhile: (milliseconds: number) => Promise<void> = async () => undefined,
): readonly number[] {
  const pauses: number[] = [];
  const passed = async <Value>(milliseconds = 0, value?: Value) => {
    pauses.push(milliseconds);
    await meanwhile(milliseconds);
    return value;
  };
  context.mock.restoreAll();
  context.mock.method(timers, 'setTimeout', passed);
  syncBuiltinESMExports();
  context.after(() => {
    context.mock.restoreAll();
    syncBuiltinESMExports();
  });
  return pauses;
}
