import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileDurably } from '@halligan/journal';
import { decryptWith, encryptTo, recipientOf } from '@halligan/seal';
import type { Device } from '../device.ts';

/** Most bytes of a credential with its wrapping. */
const LIMIT = 1 << 17;

/**
 * What a person's device made, encrypted to that person's own key until it is set: a device that was killed between the
 * seal and the system can go on, and nobody else can read it.
 */
export class KeptSecret {
  readonly #device: Device;
  readonly #path: string;

  constructor(device: Device, account: string, version: number) {
    this.#device = device;
    this.#path = join(device.home.folder, 'by-hand', `${account}-${version}.age`);
  }

  get isThere(): boolean {
    return existsSync(this.#path);
  }

  async keep(credential: Uint8Array): Promise<void> {
    const { identity } = await this.#device.keys();
    await mkdir(join(this.#device.home.folder, 'by-hand'), { recursive: true, mode: 0o700 });
    await writeFileDurably(this.#path, await encryptTo([await recipientOf(identity)], credential));
  }

  /** The bytes are the caller's to wipe. */
  async read(): Promise<Uint8Array> {
    const { identity } = await this.#device.keys();
    return decryptWith(identity, await readFile(this.#path), 'The credential that waits', LIMIT);
  }

  async forget(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}
