import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HalliganError } from '@halligan/format';
import { makeFolder, writeFolderDurably } from '@halligan/journal';
import { parseSeal, parseSealToOpen, type Seal } from '@halligan/seal';

/** Seals on disk: `<account>/<version>/` holds seal.json, credential.age and shares/, so that `age` alone opens them. */
export class SealStore {
  readonly #folder: string;
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** From a seal's writing to its event nobody else writes one of the account: it would lie where the other's is named. */
  async alone<T>(account: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#queues.get(account) ?? Promise.resolve()).then(work);
    this.#queues.set(
      account,
      turn.catch(() => undefined),
    );
    return turn;
  }

  /**
   * Writes a seal whole or not at all. Only for a version that is not journaled yet: what lies in its place is of a
   * rotation that was cut short before its seal was on record, and was never set.
   */
  async put({ header, files }: Seal): Promise<void> {
    const parent = join(this.#folder, header.account);
    makeFolder(parent);
    await rm(join(parent, String(header.version)), { recursive: true, force: true });
    await writeFolderDurably(parent, String(header.version), files);
  }

  /** Reads a seal and checks every digest. @throws `seal.damaged`, `seal.version`, `server.no-seal` */
  async get(account: string, version: number, digest: string): Promise<Seal> {
    return parseSeal(await this.#files(account, version), digest);
  }

  /**
   * As {@link get}, for an opening: the damaged share of a holder who is not needed stops nobody; whoever needs it is
   * told which one it is.
   */
  async toOpen(account: string, version: number, digest: string): Promise<Seal> {
    return parseSealToOpen(await this.#files(account, version), digest);
  }

  async #files(account: string, version: number): Promise<ReadonlyMap<string, Uint8Array>> {
    const folder = join(this.#folder, account, String(version));
    let names: readonly string[];
    try {
      names = (await readdir(folder, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
    } catch (cause) {
      throw new HalliganError(
        'server.no-seal',
        `The seal of ${account}, version ${version}, is not on this server.`,
        'Open it from the kit, and restore the server from a backup.',
        { cause },
      );
    }
    const files = new Map<string, Uint8Array>();
    for (const name of names) files.set(name, await readFile(join(folder, name)));
    return files;
  }
}
