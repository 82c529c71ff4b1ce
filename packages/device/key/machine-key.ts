import { join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { keepFile, keptFile } from './kept-file.ts';

/** Bytes of the machine's key. */
const SIZE = 32;

/** Something of this machine that keeps a secret no disk holds: its TPM. */
export interface Sealer {
  /** What unseals to the secret again on this machine alone. @throws `device.tpm` */
  seal(secret: Uint8Array): Promise<Uint8Array>;
  /** @throws `device.tpm` */
  unseal(sealed: Uint8Array): Promise<Uint8Array>;
}

/** The machine's key, and where it lies. */
export interface MachineKey {
  readonly key: Uint8Array;
  readonly where: 'tpm' | 'file';
}

/**
 * The machine's own key, made where there is none: sealed to the TPM where there is one, else in a file of root's. Where
 * it lies is decided once: a key that has lain in a file is not made better by sealing it later.
 * @param wish what is configured
 * @param sealer undefined where the machine has no TPM
 * @throws `device.key`, `device.tpm`
 */
export async function machineKey(
  folder: string,
  wish: 'auto' | 'required' | 'off',
  sealer: Sealer | undefined,
  random: (size: number) => Uint8Array,
): Promise<MachineKey> {
  const [inFile, inTpm] = [join(folder, 'machine.key'), join(folder, 'machine.sealed')];
  const sealed = keptFile(inTpm);
  if (sealed !== undefined) {
    if (sealer === undefined)
      throw unusable('The machine’s key is sealed to a TPM, and there is none.', ELSEWHERE);
    return { key: whole(await sealer.unseal(sealed)), where: 'tpm' };
  }
  const plain = keptFile(inFile);
  if (plain !== undefined) {
    if (wish === 'required')
      throw unusable('The machine’s key lies in a file, and tpm = required.', ANEW);
    return { key: whole(plain), where: 'file' };
  }
  const key = random(SIZE);
  if (sealer !== undefined && wish !== 'off') {
    keepFile(inTpm, await sealer.seal(key));
    return { key, where: 'tpm' };
  }
  if (wish === 'required')
    throw unusable('tpm = required, and this machine has none that answers.', NONE);
  keepFile(inFile, key);
  return { key, where: 'file' };
}

const ANEW =
  'Move machine.key and device.db away and start again: people sign in online once more.';
const ELSEWHERE =
  'Is this the machine that made it, and its TPM on? If it is gone for good, move machine.sealed and device.db away: people sign in online once more.';
const NONE = 'Look whether it is on in the firmware, and tpm2-tools are installed; or tpm = auto.';

function whole(key: Uint8Array): Uint8Array {
  if (key.length === SIZE) return key;
  throw unusable(`The machine’s key has ${key.length} bytes in place of ${SIZE}.`, ANEW);
}

function unusable(message: string, hint: string): HalliganError {
  return new HalliganError('device.key', message, hint);
}
