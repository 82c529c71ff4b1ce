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
        if (this.#lost > 0) await this.#add(gapOf(this.#lost));
        this.#lost = 0;
        await this.#add(report);
      } catch (cause) {
        this.#lost += 1;
        throw cause;
      }
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** Resolves once what was begun is written. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  async #add(report: Report): Promise<void> {
    const text = formatReport(report);
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
  const tree = treeOf({ size: 0, frontier: [] });
  const reports: ShownRecord['reports'][number][] = [];
  for (const { at, report } of rowsOf(file, head.size)) {
    if (at !== tree.size) throw altered();
    const bytes = utf8(report);
    tree.append(leafHash(bytes));
    if (at >= from) reports.push({ index: at, report: reportOf(bytes) });
  }
  if (head.checkpoint !== null) await requireRoot(head.checkpoint, logKey, tree);
  else if (tree.size > 0) throw altered();
  return { size: head.size, handed: file.head('handed').size, reports };
}

function* rowsOf(file: RecordFile, size: number): Generator<Row> {
  for (let from = 0; from < size; from += PAGE) yield* file.rows(from, Math.min(PAGE, size - from));
}

async function requireRoot(checkpoint: string, logKey: string, tree: Tree): Promise<void> {
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
