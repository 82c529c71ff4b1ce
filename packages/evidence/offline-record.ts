import { fromBase64, HalliganError, ID, type Json } from '@halligan/format';
import { type StoredInput, storedInputOf } from '@halligan/procedure';
import {
  type Attachment,
  attachmentSchema,
  type SignedStatement,
  statementDigest,
} from '@halligan/statement';
import { z } from 'zod';
import { faultOfEnclosed } from './enclosed.ts';

/** Most entries of an offline record: an emergency has some dozens. */
const MAX_ENTRIES = 1000;

const schema = z.lazy(() =>
  z.strictObject({
    v: z.literal('halligan/offline/v1'),
    organisation: z.string().regex(ID),
    origin: z.string().max(255),
    base: z.strictObject({
      size: z.int().min(1),
      root: z.string().regex(/^[0-9a-f]{64}$/),
    }),
    entries: z
      .array(
        z.strictObject({
          signed: z.array(z.unknown()).min(1).max(4),
          attachments: z.array(attachmentSchema).max(64),
          ciphertexts: z.array(z.string().max(1 << 20)).max(4),
        }),
      )
      .max(MAX_ENTRIES),
  }),
);

/** One thing that was said without the server, with the texts and ciphertexts that its digests name. */
export interface OfflineEntry {
  /** Digest of its first statement: what later ones follow. */
  readonly id: string;
  readonly signed: readonly SignedStatement[];
  readonly attachments: readonly Attachment[];
  /** base64 */
  readonly ciphertexts: readonly string[];
}

/** What people did from one copy of a kit: a set of signed statements, each naming what its signer had seen. */
export interface OfflineRecord {
  readonly organisation: string;
  readonly origin: string;
  /** The kit's checkpoint, on which all of it rests. */
  readonly base: { readonly size: number; readonly root: string };
  /** In the one order that they have: see {@link inOrder}. */
  readonly entries: readonly OfflineEntry[];
}

/**
 * Reads an offline record, which an adversary may have written. Signatures are for the fold to verify.
 * @throws `kit.record`, `kit.incomplete`, `kit.forked`, `statement.*`
 */
export function offlineRecordOf(json: unknown): OfflineRecord {
  const parsed = schema.safeParse(json);
  if (!parsed.success)
    throw recordError(
      `it is not valid at ${parsed.error.issues[0]?.path.join('.') || 'the document'}`,
    );
  const { organisation, origin, base, entries } = parsed.data;
  const read = entries.map(({ signed, attachments, ciphertexts }) =>
    entryOf({ signed, attachments, ciphertexts }, { origin, base }),
  );
  return { organisation, origin, base, entries: inOrder(read) };
}

/** As plain JSON, for a message or a file. */
export function offlineJson({ entries, ...rest }: OfflineRecord): Json {
  return {
    v: 'halligan/offline/v1',
    ...rest,
    entries: entries.map(({ id: _, ...entry }) => entry),
  } as unknown as Json;
}

/** Checks one entry by itself. @throws `kit.record`, `statement.*` */
export function entryOf(
  given: {
    readonly signed: readonly unknown[];
    readonly attachments: readonly Attachment[];
    readonly ciphertexts: readonly string[];
  },
  { origin, base }: Pick<OfflineRecord, 'origin' | 'base'>,
): OfflineEntry {
  const stored = storedOf(given.signed);
  const { signed } = stored;
  for (const { statement } of signed) {
    if (statement.offline === undefined)
      throw recordError('a statement in it was made with the server');
    if (statement.origin !== origin) throw recordError('a statement in it is for another record');
    if (statement.journal.size !== base.size || statement.journal.root !== base.root)
      throw recordError('a statement in it rests on another copy of the kit');
  }
  const fault = faultOfEnclosed(stored, given.attachments, given.ciphertexts.map(fromBase64));
  if (fault !== undefined) throw recordError(fault);
  const [first] = signed;
  if (first === undefined) throw recordError('an entry says nothing');
  const { attachments, ciphertexts } = given;
  return { id: statementDigest(first.statement), signed, attachments, ciphertexts };
}

/** The input that an entry is, for the rules. */
export function inputOf({ signed }: OfflineEntry): Extract<StoredInput, { type: 'statements' }> {
  return { type: 'statements', signed };
}

function storedOf(signed: readonly unknown[]) {
  const stored = storedInputOf({ type: 'statements', signed });
  if (stored.type !== 'statements') throw recordError('an entry says nothing');
  return stored;
}

/** Whether two people know the same: what each lacks of the other's comes in; what both have counts once. */
export function unionOf(
  mine: OfflineRecord,
  theirs: readonly OfflineEntry[],
): { readonly record: OfflineRecord; readonly added: readonly OfflineEntry[] } {
  const known = new Set(mine.entries.map(({ id }) => id));
  const added = theirs.filter(({ id }) => !known.has(id));
  return { record: { ...mine, entries: inOrder([...mine.entries, ...added]) }, added };
}

/** The entries that nothing followed yet: what the next statement comes after. */
export function headsOf({ entries }: OfflineRecord): readonly string[] {
  const followed = new Set(entries.flatMap(afterOf));
  return entries
    .map(({ id }) => id)
    .filter((id) => !followed.has(id))
    .sort()
    .slice(0, 64);
}

/**
 * The one order that a set of entries has, whoever passed what to whom: each after all that its signers had seen; of
 * those that could come next, the one signed earliest, and of two at the same instant the one with the lower digest.
 * @throws `kit.incomplete` where one follows an entry that is not there; `kit.forked` where somebody said two things
 *   side by side, as if neither were known to the same device
 */
export function inOrder(entries: readonly OfflineEntry[]): readonly OfflineEntry[] {
  const known = new Map(entries.map((entry) => [entry.id, entry]));
  const waiting = [...known.values()].sort(bySignature);
  const seenBy = new Map<string, ReadonlySet<string>>();
  const ordered: OfflineEntry[] = [];
  for (const entry of waiting)
    if (!afterOf(entry).every((id) => known.has(id)))
      throw new HalliganError(
        'kit.incomplete',
        'This follows something that is not in it.',
        'Ask the sender for a whole message: halligan kit send.',
      );
  while (waiting.length > 0) {
    const at = waiting.findIndex((entry) => afterOf(entry).every((id) => seenBy.has(id)));
    const [next] = at === -1 ? [] : waiting.splice(at, 1);
    if (next === undefined) throw recordError('its statements follow each other in a circle');
    seenBy.set(next.id, pastOf(next, seenBy));
    ordered.push(next);
  }
  requireNoFork(ordered, seenBy);
  return ordered;
}

function pastOf(
  entry: OfflineEntry,
  seenBy: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlySet<string> {
  return new Set(afterOf(entry).flatMap((id) => [id, ...(seenBy.get(id) ?? [])]));
}

/** One device says one thing after the other. Two things side by side are two devices, or one that was put back. */
function requireNoFork(
  ordered: readonly OfflineEntry[],
  seenBy: ReadonlyMap<string, ReadonlySet<string>>,
): void {
  const last = new Map<string, string>();
  for (const entry of ordered) {
    const [first] = entry.signed;
    const by = first?.statement.by ?? '';
    const before = last.get(by);
    if (before !== undefined && seenBy.get(entry.id)?.has(before) !== true)
      throw new HalliganError(
        'kit.forked',
        `${by} said two different things side by side: ${before.slice(0, 12)} and ${entry.id.slice(0, 12)}.`,
        'Trust neither before you have spoken to them: their device was copied or put back, or their key is stolen. What you have is unchanged.',
      );
    last.set(by, entry.id);
  }
}

function afterOf({ signed }: OfflineEntry): readonly string[] {
  return signed.flatMap(({ statement }) => statement.offline?.after ?? []);
}

function bySignature(a: OfflineEntry, b: OfflineEntry): number {
  return timeOfEntry(a) - timeOfEntry(b) || (a.id < b.id ? -1 : 1);
}

function timeOfEntry({ signed }: OfflineEntry): number {
  return Math.max(...signed.map(({ statement }) => Date.parse(statement.at)));
}

function recordError(why: string): HalliganError {
  return new HalliganError(
    'kit.record',
    `This record of what was done without the server is refused: ${why}.`,
    'Ask the sender for it again. What you have is unchanged.',
  );
}
