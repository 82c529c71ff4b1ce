import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { HalliganError, hex, utf8Text } from '@halligan/format';
import { programFile, removeUnfinished, streamDurably } from '@halligan/journal';
import { verifierOf } from '@halligan/tlog';
import { z } from 'zod';
import { jsonOf, type ServerHome } from '../home.ts';
import type { Leader } from '../leader.ts';
import type { Log } from '../log/log.ts';
import { UNINSPECTED } from '../programs/inspector.ts';
import { foldingCode } from './folding-code.ts';
import { type Snapshot, type SnapshotMaker, snapshotKey, snapshotPieces } from './snapshot.ts';
import { SnapshotFile } from './snapshot-file.ts';

/** A smaller record is verified whole before the server is ready: that takes no time worth saving. */
export const SNAPSHOT_FROM = 2_000;

const NAME = 'latest';

const answerSchema = z.union([
  z.strictObject({ digest: z.string() }),
  z.strictObject({
    error: z.strictObject({ code: z.string(), message: z.string(), hint: z.string() }),
  }),
]);

/** What a start believed of a record. */
interface Believed {
  readonly size: number;
  readonly digest: string;
  readonly root: string;
}

/** The snapshot of a data folder: read at the start, checked behind it, written anew as the record grows. */
export class SnapshotKeeper {
  readonly #home: Pick<ServerHome, 'root' | 'keys' | 'journal'>;
  readonly #signer: string;
  readonly #log: Log;
  readonly #from: number;
  readonly #about: SnapshotMaker;
  /** How many entries the last snapshot holds; 0 where there is none. */
  #kept = 0;
  /** What the start believed, until it is checked. */
  #believed: Believed | undefined;
  #open: SnapshotFile | undefined;
  #verified = false;
  #writing: Promise<void> | undefined;
  #stopped = false;
  readonly #abort = new AbortController();

  constructor(
    home: Pick<ServerHome, 'root' | 'keys' | 'journal'>,
    signer: string,
    log: Log,
    from = SNAPSHOT_FROM,
  ) {
    this.#home = home;
    this.#signer = signer;
    this.#log = log;
    this.#from = from;
    this.#about = { code: foldingCode(), key: snapshotKey(signer) };
  }

  /** Whether everything in the record was verified by this server: what acts waits for that. */
  get verified(): boolean {
    return this.#verified;
  }

  /** The snapshot to start from; undefined where there is none that this log's key and this program's rules made. */
  async read(): Promise<Snapshot | undefined> {
    const file = snapshotFile(this.#home);
    if (!existsSync(file)) return undefined;
    const open = SnapshotFile.open(file);
    const snapshot = open.read(this.#about);
    if (snapshot === undefined) {
      open.close();
      this.#log(
        'warning',
        'snapshot',
        'it is damaged, or another version’s or log’s: the whole record is verified first',
      );
      return undefined;
    }
    const { size, digest, tree } = snapshot;
    this.#believed = { size, digest, root: hex(tree.root()) };
    this.#kept = size;
    this.#open = open;
    return snapshot;
  }

  /**
   * Verifies the record from its beginning, in a process of its own. Resolves at once where that was done before the
   * start.
   * @throws what the journal throws; `server.snapshot` where the record says something else than the snapshot;
   *   `server.verifier` where no answer came. The snapshot is put aside: the next start verifies everything first.
   */
  async verify(): Promise<void> {
    const believed = this.#believed;
    if (believed !== undefined) {
      try {
        await this.#check(believed);
      } catch (cause) {
        if (this.#stopped) return;
        await rename(snapshotFile(this.#home), `${snapshotFile(this.#home)}.refused`);
        throw cause;
      }
      this.#log('info', 'snapshot', 'the whole record is verified', { entries: believed.size });
    }
    this.#verified = true;
  }

  async #check({ size, digest, root }: Believed): Promise<void> {
    const verifier = await verifierOf(this.#signer);
    const script = programFile(join(import.meta.dirname, 'verifier.ts'));
    const child = spawn(
      process.execPath,
      [UNINSPECTED, script, this.#home.journal, verifier, String(size), root],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { NODE_COMPILE_CACHE: join(this.#home.keys, 'compiled') },
        signal: this.#abort.signal,
      },
    );
    child.on('error', () => undefined);
    // People come first: this has the night.
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    const said = Buffer.concat(await Array.fromAsync(child.stdout));
    const answer = answerSchema.safeParse(said.length === 0 ? undefined : jsonOf(utf8Text(said)));
    if (!answer.success)
      throw new HalliganError(
        'server.verifier',
        'The record could not be verified behind the start: no answer came.',
        'Start the server again: everything is verified first then. Was memory short?',
      );
    if ('error' in answer.data) {
      const { code, message, hint } = answer.data.error;
      throw new HalliganError(code, message, hint);
    }
    if (answer.data.digest === digest) return;
    throw new HalliganError(
      'server.snapshot',
      'The snapshot said something else than the record.',
      'The record is whole: start the server again. Somebody who has the log’s key may have written the snapshot; it lies there still as latest.refused. Tell security.',
    );
  }

  /** Writes another snapshot where the record has grown by a tenth. Never throws. */
  look(leader: Leader): void {
    const { size } = leader.checkpoint();
    const grown = size - this.#kept;
    if (!this.#verified || this.#stopped || this.#writing !== undefined) return;
    if (size < this.#from || grown < Math.max(this.#from, this.#kept) / 10) return;
    this.#write(leader);
  }

  #write(leader: Leader): void {
    const folded = leader.folded();
    if (folded === undefined) return;
    const node = (level: number, index: number) => leader.node(level, index);
    const folder = dirname(snapshotFile(this.#home));
    this.#writing = mkdir(folder, { recursive: true, mode: 0o700 })
      // A killed server may have been writing one. The journal is open: no other server is.
      .then(() => removeUnfinished(folder))
      .then(() => streamDurably(folder, snapshotPieces(folded, node, this.#about), () => NAME))
      .then(() => {
        this.#kept = folded.size;
      })
      .catch(() =>
        this.#log('warning', 'snapshot', 'it could not be written; the next start takes longer'),
      )
      .finally(() => {
        this.#writing = undefined;
      });
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Ends a check that is under way, and writes a last snapshot where entries have come since the last one. */
  async stop(leader: Leader): Promise<void> {
    this.#stopped = true;
    this.#abort.abort();
    await this.#writing;
    const { size } = leader.checkpoint();
    if (this.#verified && size >= this.#from && size !== this.#kept) this.#write(leader);
    await this.#writing;
  }

  /** Nothing reads the state any more. */
  close(): void {
    this.#open?.close();
    this.#open = undefined;
  }
}

/** Where the snapshot of a data folder lies. May be deleted whenever the server is stopped. */
export function snapshotFile({ root }: Pick<ServerHome, 'root'>): string {
  return join(root, 'snapshots', NAME);
}
