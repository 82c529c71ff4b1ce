import type { SystemConfig } from './config.ts';
import type { Driver } from './driver.ts';
import type { Surroundings } from './open.ts';

/**
 * The driver of a system: see `openDriver` in open.ts. The drivers are loaded by the first that is opened: whoever only
 * reads settings does not wait for them.
 */
export async function openDriver(
  config: SystemConfig,
  secret: Uint8Array | undefined,
  surroundings?: Surroundings,
): Promise<Driver> {
  const { openDriver: open } = await import('./open.ts');
  return open(config, secret, surroundings);
}

/** Loads the drivers ahead, for who will open one and has nothing else to do. */
export async function loadDrivers(): Promise<void> {
  await import('./open.ts');
}
