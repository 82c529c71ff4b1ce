import { HalliganError, sameBytes, utf8 } from '@halligan/format';
import {
  formatReport,
  type Head,
  type Report,
  reportOf,
  requireSigned,
  signBatch,
  treeOf,
} from '@halligan/reports';
import { leafHash, type NoteSigner, type Tree } from '@halligan/tlog';
import type { RecordFile, Row } from './record-file.ts';

/**
 * What happened on this machine, one after the other, under a signed checkpoint: a report is durable, and its place
 * signed, when `append` resolves.
 */
export class MachineRecord {
  readonly #file: RecordFile;
  readonly #signer: NoteSigner;
  #head: Head;
  #turn: Promise<unknown> = Promise.resolve();
  /** Reports that could not be written since the last that could. */
  #lost = 0;

  constructor(file: RecordFile, signer: NoteSigner) {
    this.#file = file;
    this.#signer = signer;
    this.#head = file.head('here');
  }

  get size(): number {
    return this.#head.size;
  }

  /**
   * @param gapOf says that reports are missing here: what could not be written is said once something can be
   * @throws `device.record`
   */
  append(report: Report, gapOf: (lost: number) => Report): Promise<void> {
    const done = this.#turn.then(async () => {
      try {
        if (this.#lost > 0) await this.#add(formatReport(gapOf(this.#lost)));
        this.#lost = 0;
        await this.#add(formatReport(report));
      } catch (cause) {
        this.#lost += 1;
        throw cause;
      }
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /**
   * Goes on from what the machine signed before its disk was put back to an earlier day: what was reported since, and
   * nobody has, follows after a report that says so.
   * @param after verified as this machine's own
   * @throws `device.record`
   */
  goOnFrom(after: Head, gap: Report): Promise<void> {
    const done = this.#turn.then(async () => {
      const before = this.#file.head('handed');
      const since = this.#file.rows(before.size, this.#head.size - before.size);
      this.#file.skip({ before, after });
      this.#head = after;
      await this.#add(formatReport(gap));
      for (const { report } of since) await this.#add(report);
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** Resolves once what was begun is written. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  async #add(text: string): Promise<void> {
    const { head } = await signBatch(this.#head, [text], this.#signer);
    this.#file.append({ at: this.#head.size, report: text }, head);
    this.#head = head;
  }
}

/** What of the record lies here, verified: every report in its place, up to the checkpoint that the machine signed. */
export interface ShownRecord {
  readonly size: number;
  /** How many of them the server has. */
  readonly handed: number;
  readonly reports: readonly { readonly index: number; readonly report: Report }[];
}

/** Rows that are read at once. */
const PAGE = 1000;

/**
 * Reads the record and proves it: its reports come to the root that the machine signed.
 * @param logKey the verifier key of the record, as it was made
 * @param last how many of the latest are shown
 * @throws `device.record-altered` where a report was changed, left out or added by something else
 */
export async function readRecord(
  file: RecordFile,
  logKey: string,
  last: number,
): Promise<ShownRecord> {
  const head = file.head('here');
  const from = head.size - last;
  let tree = treeOf({ size: 0, frontier: [] });
  const skips = file.skips();
  const reports: ShownRecord['reports'][number][] = [];
  for (const { at, report } of rowsOf(file, head.size)) {
    const skip = skips.find(({ after }) => after.size === at);
    if (skip !== undefined) {
      await requireHead(skip.before, logKey, tree);
      tree = treeOf(skip.after);
      await requireHead(skip.after, logKey, tree);
    }
    if (at !== tree.size) throw altered();
    const bytes = utf8(report);
    tree.append(leafHash(bytes));
    if (at >= from) reports.push({ index: at, report: reportOf(bytes) });
  }
  await requireHead(head, logKey, tree);
  return { size: head.size, handed: file.head('handed').size, reports };
}

function* rowsOf(file: RecordFile, size: number): Generator<Row> {
  for (let from = 0; from < size; ) {
    const rows = file.rows(from, PAGE).filter(({ at }) => at < size);
    yield* rows;
    from = (rows.at(-1)?.at ?? size) + 1;
  }
}

async function requireHead({ checkpoint }: Head, logKey: string, tree: Tree): Promise<void> {
  if (checkpoint === null && tree.size === 0) return;
  if (checkpoint === null) throw altered();
  const { size, root } = await requireSigned(checkpoint, logKey);
  if (size !== tree.size || !sameBytes(root, tree.root())) throw altered();
}

function altered(): HalliganError {
  return new HalliganError(
    'device.record-altered',
    'The record on this machine is not the one that the machine signed.',
    'Something else wrote there. Compare with what the server has: halligan machine reports. Keep a copy of the folder.',
  );
}
