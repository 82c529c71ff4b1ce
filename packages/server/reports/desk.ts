import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { HalliganError, utf8, utf8Text } from '@halligan/format';
import { programFile, writeFileDurably } from '@halligan/journal';
import type { Head, ReportView } from '@halligan/reports';
import { generateNoteKey, verifierOf } from '@halligan/tlog';
import type { ServerHome, ServerSettings } from '../home.ts';
import { RateExceeded } from '../http/rate.ts';
import type { Leader } from '../leader.ts';
import type { Log } from '../log/log.ts';
import type { Answered, Asked, Fault, Said, WriterOptions } from './messages.ts';
import { isForked, KnownSize, notOpen } from './refusals.ts';
import type { KnownLog, VerifiedBatch } from './store.ts';

/** MiB of the disk that reports leave to everything else, where server.json says nothing. */
const KEEP_FREE = 256;
/** How long a request waits for a journal that is being verified, milliseconds. */
const PATIENCE = 5_000;
/** How long after a writer died another is started, at first and at most, milliseconds. */
const REST = { first: 1_000, most: 60_000 };

/** What the desk needs of the server. */
export interface DeskParts {
  readonly home: ServerHome;
  readonly settings: ServerSettings;
  readonly leader: Leader;
  readonly log: Log;
}

/** A thread with the journal of reports in it. */
interface Writer {
  readonly ask: (asked: Asked, moved?: readonly ArrayBuffer[]) => Promise<Answered>;
  readonly ended: Promise<void>;
}

/**
 * Where machines' reports come in: the journal of its own that they go to is opened when the record names the first
 * machine, and lives in a thread of its own. What goes wrong there is no matter of the organisation's journal.
 */
export class ReportsDesk {
  readonly #parts: DeskParts;
  #writer: Promise<Writer> | undefined;
  #stopped = false;
  #rest = REST.first;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** Opens the journal where the record has machines and it is not open. Never throws. */
  look(): void {
    const { machines = {} } = this.#parts.leader.state;
    if (this.#stopped || this.#writer !== undefined || Object.keys(machines).length === 0) return;
    const opening = this.#open();
    this.#writer = opening;
    opening
      .then(({ ended }) => ended)
      .then(
        () => this.#again(notOpen()),
        (error) => this.#again(error),
      );
  }

  /**
   * Takes in a batch whose checkpoint was verified; durable when this resolves.
   * @throws what the store throws; `reports.fork`, once that is on the record; `reports.closed`
   */
  async take(batch: VerifiedBatch): Promise<{ readonly head: Head; readonly recorded: number }> {
    const { buffer } = batch.body;
    const moved = buffer instanceof ArrayBuffer ? [buffer] : [];
    const answer = await this.#ask({ do: 'take', batch }, moved);
    if (!('taken' in answer)) throw notOpen();
    const { taken } = answer;
    if (!('fork' in taken)) return taken;
    const { machine, logKey } = batch;
    await this.#parts.leader.submit({
      type: 'observation',
      observation: { saw: 'machine-forked', machine, logKey, ...taken.fork },
    });
    throw isForked(taken.fork.size);
  }

  /** @throws `reports.closed` */
  async view(machine: string, logKey: string, from: number): Promise<ReportView> {
    const answer = await this.#ask({ do: 'view', machine, logKey, from });
    if ('view' in answer) return answer.view;
    throw notOpen();
  }

  /** Every machine's journal that is here; none where no machine was ever enrolled. @throws `reports.closed` */
  async known(): Promise<readonly KnownLog[]> {
    if (this.#writer === undefined) return [];
    const answer = await this.#ask({ do: 'known' });
    if ('known' in answer) return answer.known;
    throw notOpen();
  }

  /** Ends the writer, once everything that it was asked is done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const writer = await this.#writer?.catch(() => undefined);
    if (writer === undefined) return;
    await writer.ask({ do: 'close' }).catch(() => undefined);
    await writer.ended;
  }

  async #ask(asked: Asked, moved: readonly ArrayBuffer[] = []): Promise<Answered> {
    const writer = await Promise.race([this.#writer, pause(PATIENCE, undefined, { ref: false })]);
    if (writer === undefined || this.#stopped) throw notOpen();
    const answer = await writer.ask(asked, moved);
    if ('fault' in answer) throw errorOf(answer.fault);
    return answer;
  }

  /** Whoever asks until it is open again hears why it is not. */
  async #again(why: unknown): Promise<void> {
    if (this.#stopped) return;
    const failed: Promise<Writer> = Promise.reject(why);
    failed.catch(() => undefined);
    this.#writer = failed;
    const code = why instanceof HalliganError ? why.code : 'it did not start';
    this.#parts.log('error', 'reports', `the journal of reports is closed: ${code}`);
    await pause(this.#rest, undefined, { ref: false });
    this.#rest = Math.min(2 * this.#rest, REST.most);
    this.#writer = undefined;
    this.look();
  }

  async #open(): Promise<Writer> {
    const { home, settings, leader, log } = this.#parts;
    const signer = await signerOf(home, settings);
    const keepFree = (settings.reports?.keepFree ?? KEEP_FREE) * (1 << 20);
    const { writer, opened } = started({ folder: home.reports, signer, keepFree });
    const answer = await opened;
    if ('fault' in answer) throw errorOf(answer.fault);
    if ('entries' in answer)
      log('info', 'reports', 'the journal of reports is open', { entries: answer.entries });
    this.#rest = REST.first;
    const logKey = await verifierOf(signer);
    if (leader.state.reportsLog !== logKey)
      await leader.submit({ type: 'observation', observation: { saw: 'reports-log', logKey } });
    return writer;
  }
}

/** The key of the journal of reports; made, with its public half beside log.pub, where there is none. */
async function signerOf(home: ServerHome, { origin }: ServerSettings): Promise<string> {
  const file = join(home.keys, 'reports.key');
  if (existsSync(file)) return utf8Text(await readFile(file)).trim();
  const { signer, verifier } = await generateNoteKey(`${origin}/reports`);
  await writeFileDurably(join(home.root, 'reports.pub'), utf8(`${verifier}\n`));
  await writeFileDurably(file, utf8(`${signer}\n`));
  return signer;
}

function started(options: WriterOptions): {
  readonly writer: Writer;
  readonly opened: Promise<Answered>;
} {
  const worker = new Worker(programFile(join(import.meta.dirname, 'writer.ts')), {
    workerData: options,
    name: 'reports',
  });
  const waiting = new Map<number, (answer: Answered) => void>();
  const first = Promise.withResolvers<Answered>();
  waiting.set(0, first.resolve);
  let asked = 0;
  let isOver = false;
  const { promise: ended, resolve: over } = Promise.withResolvers<void>();
  const end = () => {
    isOver = true;
    for (const tell of waiting.values()) tell({ fault: faultOf(notOpen()) });
    waiting.clear();
    over();
  };
  worker.on('message', ({ id, answer }: Said) => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  worker.on('error', () => undefined);
  worker.on('exit', end);
  const ask = (what: Asked, moved: readonly ArrayBuffer[] = []): Promise<Answered> => {
    if (isOver) return Promise.reject(notOpen());
    asked += 1;
    const { promise, resolve } = Promise.withResolvers<Answered>();
    waiting.set(asked, resolve);
    worker.postMessage({ id: asked, asked: what }, [...moved]);
    return promise;
  };
  return { writer: { ask, ended }, opened: first.promise };
}

function faultOf({ code, message, hint }: HalliganError): Fault {
  return { code, message, hint };
}

function errorOf({ code, message, hint, size, wait }: Fault): HalliganError {
  if (wait !== undefined) return new RateExceeded(wait);
  if (size !== undefined) return new KnownSize(size, code, message, hint);
  return new HalliganError(code, message, hint);
}
