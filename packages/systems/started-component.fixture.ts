import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { HalliganError } from '@halligan/format';
import { parseSystemConfig, type SystemConfig } from './config.ts';
import type { Driver } from './driver.ts';
import { openDriver } from './open.ts';

/** A component that the tests of one file run against. Is itself the option that skips a test where there is none. */
export interface StartedComponent<T> {
  /** Why there is none. */
  readonly skip: string | false;
  /** It itself: a test that asks for it without being skipped fails where it is missing. */
  readonly running: () => T;
  /** Of its own, for whatever the tests put beside it. */
  readonly folder: string;
}

/**
 * Starts a component for the tests of one file. After them it is ended, and its folder removed.
 * @param name of the folder
 * @param start starts it in this folder, or in one below
 * @throws whatever `start` does, but `systems.component-missing`
 */
export async function startedComponent<T extends { readonly stop: () => Promise<void> }>(
  name: string,
  start: (folder: string) => Promise<T>,
): Promise<StartedComponent<T>> {
  const folder = mkdtempSync(join(tmpdir(), `halligan-${name}-`));
  const { component, skip } = await startOrSkip(() => start(folder));
  after(async () => {
    await component?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return { skip, running: () => component ?? assert.fail(`${name} is missing`), folder };
}

async function startOrSkip<T>(
  start: () => Promise<T>,
): Promise<{ readonly component?: T; readonly skip: string | false }> {
  try {
    return { component: await start(), skip: false };
  } catch (error) {
    if (error instanceof HalliganError && error.code === 'systems.component-missing')
      return { skip: `${error.message} ${error.hint}` };
    throw error;
  }
}

/** Drivers of a system that was started: their settings are its own, but for these changes. */
export interface Drivers {
  /** @param secret none for a person's device */
  readonly driverWith: (changes?: object, secret?: Uint8Array) => Driver;
  readonly rotator: (changes?: object) => Driver;
}

export function driversOf(
  system: () => { readonly config: SystemConfig; readonly rotatorSecret: Uint8Array },
): Drivers {
  const driverWith = (changes: object = {}, secret?: Uint8Array) =>
    openDriver(parseSystemConfig({ ...system().config, ...changes }), secret);
  return {
    driverWith,
    rotator: (changes) => driverWith(changes, system().rotatorSecret),
  };
}
