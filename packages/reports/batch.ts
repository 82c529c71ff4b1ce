import { canonicalText, HalliganError, utf8, utf8Text } from '@halligan/format';
import { z } from 'zod';

/** Most reports of one batch, and most bytes: what a machine has more of goes in several. */
export const MAX_BATCH_REPORTS = 1000;
export const MAX_BATCH_BYTES = 1 << 20;

const VERSION = 'halligan/batch/v1';
const NEWLINE = 0x0a;
/** Most bytes of its first line, which is all that is read before the signature is verified. */
const MAX_HEADER = 4096;

const header = z.strictObject({
  v: z.literal(VERSION),
  /** Index of the first report, in the machine's own journal. */
  from: z.int().min(0),
  /** The machine's checkpoint (C2SP tlog-checkpoint): its size is the index after the last report. */
  checkpoint: z.string().min(1).max(2048),
});

/** The first line of a batch, not verified. `at` is the index of the byte after it. */
export interface BatchHeader {
  readonly from: number;
  readonly checkpoint: string;
  readonly at: number;
}

/** Consecutive reports of a machine's journal with its checkpoint after the last of them. */
export interface Batch {
  readonly from: number;
  readonly checkpoint: string;
  /** Canonical JSON each. */
  readonly reports: readonly string[];
}

/** Writes a batch: a line of JSON for its head, then a line for each report. */
export function formatBatch({ from, checkpoint, reports }: Batch): Uint8Array {
  return utf8([canonicalText({ v: VERSION, from, checkpoint }), ...reports, ''].join('\n'));
}

/**
 * Reads a batch's first line and nothing else: bounded, whoever sent it.
 * @throws `reports.batch`
 */
export function readBatchHeader(body: Uint8Array): BatchHeader {
  const end = body.subarray(0, MAX_HEADER).indexOf(NEWLINE);
  if (end === -1) throw noBatch('its first line does not end');
  const parsed = header.safeParse(jsonOf(body.subarray(0, end)));
  if (!parsed.success)
    throw noBatch(
      `its first line is not valid at ${parsed.error.issues[0]?.path.join('.') || 'its members'}`,
    );
  const { from, checkpoint } = parsed.data;
  return { from, checkpoint, at: end + 1 };
}

/**
 * The reports of a batch, as bytes, none of them read: for a batch whose checkpoint was verified.
 * @param count how many there are, by that checkpoint
 * @throws `reports.batch` where there are more or fewer, or too many
 */
export function readBatchReports(
  body: Uint8Array,
  { at }: BatchHeader,
  count: number,
): readonly Uint8Array[] {
  if (count > MAX_BATCH_REPORTS) throw noBatch(`it has more than ${MAX_BATCH_REPORTS} reports`);
  const reports: Uint8Array[] = [];
  for (let start = at; start < body.length; ) {
    const end = body.indexOf(NEWLINE, start);
    if (end === -1) throw noBatch('its last line does not end');
    if (reports.length === count) throw noBatch('it has more reports than its checkpoint says');
    reports.push(body.subarray(start, end));
    start = end + 1;
  }
  if (reports.length < count) throw noBatch('it has fewer reports than its checkpoint says');
  return reports;
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8Text(bytes));
  } catch {
    return undefined;
  }
}

function noBatch(why: string): HalliganError {
  return new HalliganError(
    'reports.batch',
    `This batch is refused: ${why}.`,
    `See docs/formats/machine-reports.md. Send at most ${MAX_BATCH_REPORTS} reports and ${MAX_BATCH_BYTES} bytes at once.`,
  );
}
