import { statfsSync } from 'node:fs';
import { canonicalBytes, type Json, sameBytes } from '@halligan/format';
import { type EventGroup, type Journal, MAX_ENTRY_BYTES, openJournal } from '@halligan/journal';
import {
  type BatchHeader,
  extended,
  frontierOf,
  type Head,
  type Report,
  type ReportInput,
  type ReportView,
  readBatchReports,
  reportInputOf,
  treeOf,
} from '@halligan/reports';
import { type Checkpoint, leafHash } from '@halligan/tlog';
import { Buckets, type Rate } from '../http/rate.ts';
import { gapBefore, KnownSize, noRoom } from './refusals.ts';

/** Reports of one machine: a flood at once, as after a long outage, and what no honest machine reaches for long. */
const REPORTS: Rate = { burst: 200_000, perSecond: 200 };

/** Bytes of reports in one entry: what stands before them needs the rest. */
const PART = MAX_ENTRY_BYTES - 6_000;
/** Most bytes of a view, and most of its entries. */
const VIEW_BYTES = 1 << 20;
const VIEW_ENTRIES = 200;
const EMPTY: Head = { size: 0, frontier: [], checkpoint: null };

/** A batch whose checkpoint is verified. */
export interface VerifiedBatch {
  readonly machine: string;
  readonly logKey: string;
  readonly header: BatchHeader;
  readonly said: Checkpoint;
  readonly body: Uint8Array;
  /** The server's clock. */
  readonly at: string;
}

/** What became of a batch: how many reports of the machine are durable, and how many of them are new. */
export type Taken =
  | { readonly head: Head; readonly recorded: number }
  /** The machine signed two roots of one size; `ours` covers what it had shown before. */
  | { readonly fork: { readonly size: number; readonly ours: string; readonly theirs: string } };

/** One machine's journal, as far as it is here. */
export interface KnownLog {
  readonly machine: string;
  readonly logKey: string;
  readonly size: number;
  /** When the last of it came. */
  readonly received: string | null;
  /** How often the machine said that reports are missing, and how many where it knew. */
  readonly gaps: number;
  readonly lost: number;
}

class MachineLog {
  readonly machine: string;
  head = EMPTY;
  received: string | null = null;
  gaps = 0;
  lost = 0;
  /** Of each entry, ascending: the index of its first report, and the entry's own. */
  readonly from: number[] = [];
  readonly entries: number[] = [];
  /** What is under way for it: one batch after the other. */
  turn: Promise<unknown> = Promise.resolve();

  constructor(machine: string) {
    this.machine = machine;
  }

  add(entry: number, input: ReportInput, events: readonly Json[]): void {
    this.from.push(input.from);
    this.entries.push(entry);
    this.head = {
      size: input.to,
      frontier: input.frontier,
      checkpoint: input.checkpoint ?? this.head.checkpoint,
    };
    this.received = input.at;
    for (const event of events) {
      const { kind, lost } = Object(event);
      if (kind !== 'gap') continue;
      this.gaps += 1;
      this.lost += Number(lost ?? 0);
    }
  }

  /** Which of its entries holds a report. */
  holding(report: number): number {
    let [low, high] = [0, this.from.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.from[middle] ?? 0) <= report) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Where and by which key reports are kept. */
export interface ReportStoreOptions {
  readonly folder: string;
  /** The secret key of the journal of reports. */
  readonly signer: string;
  /** Bytes of the disk that are left to everything else. */
  readonly keepFree: number;
}

/**
 * The journal of what machines report: a journal of its own, on its own lock, so that no flood of reports waits before an
 * emergency. Each entry is a batch, or a part of one; a machine's tree goes on from its last entry.
 */
export class ReportStore {
  readonly #journal: Journal;
  readonly #options: ReportStoreOptions;
  /** By the key of the machine's journal. */
  readonly #logs = new Map<string, MachineLog>();
  readonly #rates = new Buckets(REPORTS);
  #pending: number;
  /** Counts failed commits, which take everything with them that waited. */
  #epoch = 0;

  private constructor(journal: Journal, options: ReportStoreOptions) {
    this.#journal = journal;
    this.#options = options;
    this.#pending = journal.checkpoint().size;
  }

  /** Opens and verifies it, and finds where each machine's journal stands. @throws what the journal throws */
  static async open(options: ReportStoreOptions): Promise<ReportStore> {
    const { folder, signer } = options;
    // Without a ballast: of a full disk, what is left is not for reports.
    const journal = await openJournal({ folder, signer, ballast: 0 });
    const store = new ReportStore(journal, options);
    for await (const { index, group } of journal.read(0)) {
      const input = reportInputOf(group.input);
      store.#log(input.machine, input.logKey).add(index, input, group.events);
    }
    return store;
  }

  /** The journal's checkpoint. */
  checkpoint(): Checkpoint & { readonly note: string } {
    const { size, root, note } = this.#journal.checkpoint();
    return { origin: this.#journal.origin, size, root, note, extensions: [] };
  }

  /** Every machine's journal that is here, replaced ones included. */
  known(): readonly KnownLog[] {
    return [...this.#logs].map(([logKey, { machine, head, received, gaps, lost }]) => ({
      ...{ machine, logKey, received, gaps, lost },
      size: head.size,
    }));
  }

  /**
   * Takes in a batch; what it adds is durable when this resolves. Taking it in twice changes nothing.
   * @throws `reports.gap`, `reports.root` (both {@link KnownSize}), `reports.batch`, `reports.report`, `reports.no-room`,
   *   `server.rate`, and what the journal throws; nothing has happened then
   */
  take(batch: VerifiedBatch): Promise<Taken> {
    const log = this.#log(batch.machine, batch.logKey);
    const taken = log.turn.then(() => this.#take(log, batch));
    log.turn = taken.catch(() => undefined);
    return taken;
  }

  async #take(log: MachineLog, batch: VerifiedBatch): Promise<Taken> {
    const { header, said, body } = batch;
    const { size } = log.head;
    const lines = readBatchReports(body, header, said.size - header.from);
    if (said.size <= size) return this.#compare(log, batch);
    if (header.from > size) throw gapBefore(header.from, size);
    const { tree, reports } = this.#extended(log.head, header.from, lines, said);
    this.#rates.take(batch.logKey, Date.now(), reports.length);
    if (freeBytes(this.#options.folder) < this.#options.keepFree) throw noRoom();
    const groups = this.#groups(log, batch, lines.slice(size - header.from), reports);
    await this.#append(log, groups);
    const head = { size: tree.size, frontier: frontierOf(tree), checkpoint: header.checkpoint };
    return { head, recorded: reports.length };
  }

  #extended(head: Head, from: number, lines: readonly Uint8Array[], said: Checkpoint) {
    try {
      return extended(head, from, lines, said);
    } catch (cause) {
      const { code, message, hint } = Object(cause);
      throw code === 'reports.root' ? new KnownSize(head.size, code, message, hint) : cause;
    }
  }

  /** The machine showed this size before: the same, or another history. */
  async #compare(log: MachineLog, { header, said }: VerifiedBatch): Promise<Taken> {
    if (sameBytes(await this.#rootAt(log, said.size), said.root))
      return { head: log.head, recorded: 0 };
    const { checkpoint } = log.head;
    return {
      fork: { size: said.size, ours: checkpoint ?? '', theirs: header.checkpoint },
    };
  }

  async #rootAt(log: MachineLog, size: number): Promise<Uint8Array> {
    if (size === log.head.size || size === 0) return treeOf(size === 0 ? EMPTY : log.head).root();
    const at = log.holding(size - 1);
    const tree = treeOf(await this.#headBefore(log, at));
    const { events } = await this.#entry(log.entries[at] ?? 0);
    for (const event of events.slice(0, size - tree.size))
      tree.append(leafHash(canonicalBytes(event)));
    return tree.root();
  }

  /** Where a machine's journal stood before one of its entries. */
  async #headBefore(log: MachineLog, at: number): Promise<Head> {
    const before = log.entries[at - 1];
    if (before === undefined) return EMPTY;
    const { input } = await this.#entry(before);
    return { size: input.to, frontier: input.frontier, checkpoint: input.checkpoint };
  }

  async #entry(index: number) {
    for await (const { group, bytes } of this.#journal.read(index, index + 1))
      return { input: reportInputOf(group.input), events: group.events, bytes: bytes.length };
    throw new Error(`entry ${index} is below the size of the journal`);
  }

  /** One entry, or several where one does not hold the batch: the last has the machine's checkpoint. */
  #groups(
    log: MachineLog,
    { machine, logKey, header, at }: VerifiedBatch,
    lines: readonly Uint8Array[],
    reports: readonly Report[],
  ): readonly EventGroup[] {
    const tree = treeOf(log.head);
    const groups: EventGroup[] = [];
    for (let done = 0; done < reports.length; ) {
      const from = tree.size;
      const first = done;
      for (let bytes = 0; done < reports.length; done += 1) {
        const line = lines[done] ?? new Uint8Array(0);
        bytes += line.length + 1;
        if (bytes > PART) break;
        tree.append(leafHash(line));
      }
      const checkpoint = done === reports.length ? header.checkpoint : null;
      const input: ReportInput = {
        ...{ type: 'reports', at, machine, logKey, from, to: tree.size },
        ...{ frontier: [...frontierOf(tree)], checkpoint },
      };
      groups.push({ input, events: reports.slice(first, done) as readonly Json[] });
    }
    return groups;
  }

  async #append(log: MachineLog, groups: readonly EventGroup[]): Promise<void> {
    const first = this.#pending;
    this.#pending += groups.length;
    const epoch = this.#epoch;
    try {
      await this.#journal.append(groups, first);
    } catch (cause) {
      if (epoch === this.#epoch) {
        this.#epoch += 1;
        this.#pending = this.#journal.checkpoint().size;
      }
      throw cause;
    }
    for (const [at, { input, events }] of groups.entries())
      log.add(first + at, reportInputOf(input), events);
  }

  /**
   * Reports of a machine from one on, with what proves them: from the last checkpoint before it, up to a checkpoint.
   * @param logKey the key of the machine's journal; one that nobody knows has no reports
   */
  async view(machine: string, logKey: string, from: number): Promise<ReportView> {
    const log = this.#logs.get(logKey) ?? new MachineLog(machine);
    const { size: total } = log.head;
    const { note: checkpoint, size } = this.checkpoint();
    const about = { machine, logKey, size: total, checkpoint };
    if (from >= total) return { ...about, start: plain(log.head), entries: [], next: null };
    let at = log.holding(from);
    let start = await this.#headBefore(log, at);
    for (; at > 0 && start.checkpoint === null; at -= 1)
      start = await this.#headBefore(log, at - 1);
    const entries: ReportView['entries'] = [];
    let [bytes, to] = [0, start.size];
    for (let isSigned = true; at < log.entries.length; at += 1) {
      if (isSigned && (bytes > VIEW_BYTES || entries.length >= VIEW_ENTRIES)) break;
      const index = log.entries[at] ?? 0;
      const { input, events, bytes: own } = await this.#entry(index);
      const proof = this.#journal.inclusionProof(index, size).map((hash) => hash.toBase64());
      entries.push({
        index,
        proof,
        entry: { v: 'halligan/group/v1', input, events: [...events] },
      });
      bytes += own;
      to = input.to;
      isSigned = input.checkpoint !== null;
    }
    return { ...about, start: plain(start), entries, next: to < total ? to : null };
  }

  async close(): Promise<void> {
    await this.#journal.close();
  }

  #log(machine: string, logKey: string): MachineLog {
    const known = this.#logs.get(logKey);
    if (known !== undefined) return known;
    const log = new MachineLog(machine);
    this.#logs.set(logKey, log);
    return log;
  }
}

function plain({ size, frontier, checkpoint }: Head): ReportView['start'] {
  return { size, frontier: [...frontier], checkpoint };
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
