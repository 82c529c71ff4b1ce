import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { type Driver, openDriver, parseSystemConfig, type Sshd, startSshd } from '../index.ts';

/** A real sshd for one test file, or why there is none. */
export interface TestedSshd {
  readonly skip: string | false;
  readonly host: () => Sshd;
  /** @param secret null for a person's device, which has none */
  readonly driverWith: (change?: object, secret?: Uint8Array | null) => Driver;
  readonly stop: () => Promise<void>;
}

export async function sshdToTest(): Promise<TestedSshd> {
  const folder = await mkdtemp(join(tmpdir(), 'halligan-sshd-'));
  const { sshd, skip } = await started(join(folder, 'main'));
  const host = () => sshd ?? assert.fail('sshd is missing');
  return {
    skip,
    host,
    driverWith: (change = {}, secret = host().rotatorSecret) =>
      openDriver(parseSystemConfig({ ...host().config, ...change }), secret ?? undefined),
    stop: async () => {
      await sshd?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function started(
  folder: string,
): Promise<{ readonly sshd?: Sshd; readonly skip: string | false }> {
  try {
    return { sshd: await startSshd({ folder }), skip: false };
  } catch (error) {
    if (error instanceof HalliganError && error.code === 'systems.component-missing')
      return { skip: error.hint };
    throw error;
  }
}
