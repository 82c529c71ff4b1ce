import { randomBytes } from 'node:crypto';
import { readMachineClock } from '../clock/machine-clock.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { machineKey } from '../key/machine-key.ts';
import { requireLatest } from '../key/state-age.ts';
import { tpmOf } from '../key/tpm.ts';
import { timeOf } from '../sign-in/case.ts';
import { Memory } from '../store/memory.ts';
import { sealedStore } from '../store/sealed.ts';
import { openStore } from '../store/store.ts';

/** What a machine keeps from one start of its agent to the next, under its key. */
export interface Kept {
  readonly memory: Memory;
  /** 32 bytes; wiped by `close`. */
  readonly key: Uint8Array;
  /** What the key is sealed to. */
  readonly where: 'tpm' | 'file';
  /** Seconds of the machine's own time. */
  readonly now: () => number;
  close(): void;
}

/**
 * Opens it; where a TPM counts, only the state that was written last.
 * @throws `device.store`, `device.key`, `device.tpm`, `device.restored`
 */
export async function openKept(
  folder: string,
  { tpm: wanted }: Pick<Configuration, 'tpm'>,
): Promise<Kept> {
  const store = openStore(folder);
  const tpm = tpmOf(process.env, folder);
  const { key, where } = await machineKey(folder, wanted, tpm, random);
  const state = sealedStore(store, key);
  if (where === 'tpm' && tpm !== undefined) await requireLatest(state, tpm);
  const memory = new Memory(state);
  return {
    ...{ memory, key, where },
    now: () => timeOf({ memory, read: readMachineClock }).seconds,
    close: () => {
      store.close();
      key.fill(0);
    },
  };
}

export function random(size: number): Uint8Array {
  return new Uint8Array(randomBytes(size));
}
