import { fromBase64, HalliganError, sameBytes, utf8 } from '@halligan/format';
import {
  formatBatch,
  frontierOf,
  type Head,
  type Report,
  requireSigned,
  signBatch,
  treeOf,
} from '@halligan/reports';
import { leafHash, type NoteSigner } from '@halligan/tlog';
import { z } from 'zod';
import type { MachineRecord } from './record.ts';
import type { RecordFile } from './record-file.ts';

/** What the server answered; undefined where nobody did. */
export type ServerAnswer = { readonly status: number; readonly body: unknown } | undefined;

/** What handing over rests on. */
export interface HandOverParts {
  readonly record: MachineRecord;
  readonly file: RecordFile;
  readonly signer: NoteSigner;
  /** Sends a batch. Never throws; ends by itself within seconds. */
  readonly send: (batch: Uint8Array) => Promise<ServerAnswer>;
  /** The report that says that the disk was put back. */
  readonly restored: () => Report;
}

/** How a round of handing over ended. */
export type Handed =
  /** The server has all of it. */
  | 'all'
  /** Nobody is there, or not now: again later. */
  | 'later'
  /** The server takes no more until a person has looked: its code. */
  | { readonly stopped: string };

/** Reports that go at once: below what a server takes, so that one batch takes no memory to speak of. */
const AT_ONCE = 500;
const MOST_BYTES = 1 << 19;

const takenSchema = z.object({
  size: z.int().min(0),
  frontier: z.array(z.string()),
  checkpoint: z.string().nullable(),
});
const problemSchema = z.looseObject({ code: z.string() });
/** What no trying again mends (docs/formats/machine-reports.md). */
const FINAL = [400, 403, 404, 409];

/**
 * Hands the record over to the server: all that it has not, in batches.
 * @param asksFirst whether the server is asked how far it is: a machine whose disk was put back does not know it
 * @throws `device.record`
 */
export async function handOver(parts: HandOverParts, asksFirst: boolean): Promise<Handed> {
  const { file, record } = parts;
  if (asksFirst) {
    const asked = await give(parts, []);
    if (!('known' in asked)) return asked.handed;
    await takeUp(parts, asked.known);
  }
  while (file.head('handed').size < record.size) {
    const given = await give(parts, nextOf(parts));
    if (!('known' in given)) return given.handed;
    if (given.known.size <= file.head('handed').size) return { stopped: 'reports.size' };
    await takeUp(parts, given.known);
  }
  return 'all';
}

function nextOf({ file }: HandOverParts): readonly string[] {
  let left = MOST_BYTES;
  return file
    .rows(file.head('handed').size, AT_ONCE)
    .map(({ report }) => report)
    .filter((report) => {
      left -= report.length;
      return left > 0;
    });
}

async function give(
  { file, signer, send }: HandOverParts,
  reports: readonly string[],
): Promise<{ readonly known: Head } | { readonly handed: Handed }> {
  const { batch } = await signBatch(file.head('handed'), reports, signer);
  const answer = await send(formatBatch(batch));
  if (answer === undefined) return { handed: 'later' };
  const taken = takenSchema.safeParse(answer.body);
  if (answer.status === 201 && taken.success) return { known: taken.data };
  const problem = problemSchema.safeParse(answer.body);
  return FINAL.includes(answer.status)
    ? { handed: { stopped: problem.success ? problem.data.code : `HTTP ${answer.status}` } }
    : { handed: 'later' };
}

/**
 * Takes what the server has for what it has: where it is what lies here, that is handed over; where it is not, and this
 * machine signed it, the disk was put back.
 * @throws `device.handed-over` where this machine did not sign it: the server is the adversary
 */
async function takeUp({ file, record, signer, restored }: HandOverParts, known: Head) {
  const handed = file.head('handed');
  if (known.size <= handed.size) return;
  await requireOwn(known, signer.verifier);
  const tree = treeOf(handed);
  for (const { report } of file.rows(handed.size, known.size - handed.size))
    tree.append(leafHash(utf8(report)));
  const isHere =
    tree.size === known.size &&
    sameBytes(tree.root(), treeOf(known).root()) &&
    tree.size <= record.size;
  if (isHere) file.mark('handed', { ...known, frontier: frontierOf(tree) });
  else await record.goOnFrom(known, restored());
}

async function requireOwn(known: Head, logKey: string): Promise<void> {
  try {
    for (const hash of known.frontier) fromBase64(hash);
    const { size, root } = await requireSigned(known.checkpoint ?? '', logKey);
    if (size === known.size && sameBytes(root, treeOf(known).root())) return;
  } catch {
    // Said below: what choked on it may quote it.
  }
  throw new HalliganError(
    'device.handed-over',
    'The server says that it has reports which this machine did not sign.',
    'Compare: halligan machine show, halligan device record. Nothing more is handed over until they agree.',
  );
}
