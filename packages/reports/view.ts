import {
  canonicalBytes,
  canonicalText,
  fromBase64,
  HalliganError,
  type Json,
  sameBytes,
  utf8,
} from '@halligan/format';
import {
  type Checkpoint,
  leafHash,
  parseCheckpoint,
  parseVerifierKey,
  verifyInclusion,
  verifyNote,
} from '@halligan/tlog';
import { z } from 'zod';
import { requireSigned, treeOf } from './machine-log.ts';
import { type Report, reportOf } from './report.ts';

const json: z.ZodType<Json> = z.json();
const size = z.int().min(0);
const frontier = z.array(z.string().length(44)).max(53);
const checkpoint = z.string().max(2048).nullable();

const inputSchema = z.strictObject({
  type: z.literal('reports'),
  /** When it came in, by the server's clock. */
  at: z.iso.datetime(),
  machine: z.string().regex(/^[a-z0-9-]{1,63}$/),
  /** The verifier key of the machine's journal. */
  logKey: z.string().max(500),
  from: size,
  to: size,
  /** The machine's tree after these reports. */
  frontier,
  /** The machine's own word on it; null but for the last part of a batch. */
  checkpoint,
});

/** Where reports came from, and where their machine's journal stood after them. */
export type ReportInput = z.infer<typeof inputSchema>;

/** One entry of the server's journal of reports: a batch, or a part of one that was too large for an entry. */
const entrySchema = z.strictObject({
  v: z.literal('halligan/group/v1'),
  input: inputSchema,
  events: z.array(json).min(1),
});

const viewSchema = z.strictObject({
  machine: z.string(),
  logKey: z.string().max(500),
  /** How many reports of this machine the server has. */
  size,
  /** What comes before the first of these entries. */
  start: z.strictObject({ size, frontier, checkpoint }),
  entries: z
    .array(
      z.strictObject({
        index: size,
        proof: z.array(z.string().length(44)).max(63),
        entry: entrySchema,
      }),
    )
    .max(10_000),
  /** The checkpoint of the server's journal of reports that the proofs lead to. */
  checkpoint: z.string().max(65_536),
  /** Where to ask on; null at the end. */
  next: size.nullable(),
});

/** Reports as a server shows them, with what proves them. */
export type ReportView = z.infer<typeof viewSchema>;

/** Reads what stands before the reports of an entry. @throws `reports.entry` */
export function reportInputOf(json: unknown): ReportInput {
  const parsed = inputSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new HalliganError(
    'reports.entry',
    `This is no entry of a journal of reports: it is not valid at ${parsed.error.issues[0]?.path.join('.') || 'its members'}.`,
    'It was altered, or written by another version.',
  );
}

/** Reads what a server shows of a machine's reports; nothing is verified. @throws `reports.view` */
export function reportViewOf(json: unknown): ReportView {
  const parsed = viewSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw notProven(`it is not valid at ${parsed.error.issues[0]?.path.join('.') || 'its members'}`);
}

/** Reports that their machine signed, and the server received when it says. */
export interface VerifiedReports {
  readonly from: number;
  readonly to: number;
  readonly reports: readonly {
    readonly index: number;
    /** By the server's clock: its word. */
    readonly received: string;
    readonly report: Report;
  }[];
}

/**
 * Verifies what a server shows of a machine's reports: that each is under a checkpoint which the machine signed, in its
 * place and without one left out between; and that the server's own journal has them.
 * @param logKey that the machine is enrolled with, by the record
 * @param log the verifier key of the server's journal of reports
 * @param from the report that was asked for
 * @throws `reports.view`, `reports.signature`, `reports.report`, and what verifying notes and proofs throws
 */
export async function verifyReports(
  view: ReportView,
  { logKey, log, from }: { readonly logKey: string; readonly log: string; readonly from: number },
): Promise<VerifiedReports> {
  if (view.logKey !== logKey) throw notProven('it is of another key');
  if (view.start.size > Math.min(from, view.size)) throw notProven('it begins too late');
  const received = await receivedBy(view.checkpoint, log);
  const tree = treeOf(view.start);
  await requireRoot(view.start, tree.root(), logKey);
  const reports: VerifiedReports['reports'][number][] = [];
  let signed = view.start.size;
  for (const { index, proof, entry } of view.entries) {
    const { input, events } = entry;
    if (input.machine !== view.machine || input.logKey !== logKey)
      throw notProven(`entry ${index} is of another machine`);
    if (input.from !== tree.size || input.to !== input.from + events.length)
      throw notProven(`reports from ${tree.size} on are left out`);
    verifyInclusion({
      leafHash: leafHash(canonicalBytes(entry as Json)),
      index,
      size: received.size,
      proof: proof.map(fromBase64),
      root: received.root,
    });
    for (const event of events) {
      const bytes = utf8(canonicalText(event));
      reports.push({ index: tree.size, received: input.at, report: reportOf(bytes) });
      tree.append(leafHash(bytes));
    }
    if (input.checkpoint === null) continue;
    await requireRoot({ size: tree.size, checkpoint: input.checkpoint }, tree.root(), logKey);
    signed = tree.size;
  }
  if (signed !== tree.size) throw notProven(`the machine signed ${signed} of ${tree.size} reports`);
  return { from: view.start.size, to: tree.size, reports };
}

async function receivedBy(note: string, log: string): Promise<Checkpoint> {
  const said = parseCheckpoint((await verifyNote(note, [log])).text);
  if (said.origin !== parseVerifierKey(log).name) throw notProven('it is from another log');
  return said;
}

async function requireRoot(
  {
    size: expected,
    checkpoint: note,
  }: { readonly size: number; readonly checkpoint: string | null },
  root: Uint8Array,
  logKey: string,
): Promise<void> {
  if (expected === 0 && note === null) return;
  const said = await requireSigned(note ?? '', logKey);
  if (said.size !== expected || !sameBytes(said.root, root))
    throw notProven(`the machine signed something else at ${expected} reports`);
}

function notProven(why: string): HalliganError {
  return new HalliganError(
    'reports.view',
    `These reports are not proven: ${why}.`,
    `Believe none of them. Keep what was answered: whoever altered it may be the server.`,
  );
}
