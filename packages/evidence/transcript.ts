import { base64, fromBase64, HalliganError, parseCanonical } from '@halligan/format';
import { eventOf, type HalliganEvent, type StoredInput, storedInputOf } from '@halligan/procedure';
import { leafHash, parseCheckpoint, verifyInclusion, verifyLogNote } from '@halligan/tlog';
import { z } from 'zod';

/** Most entries of a transcript that is read; an attacker's must not keep a device busy for minutes. */
const MAX_ENTRIES = 20_000;

const transcriptSchema = z.strictObject({
  v: z.literal('halligan/transcript/v1'),
  checkpoint: z.string().max(100_000),
  entries: z
    .array(
      z.strictObject({
        index: z.int().min(0),
        bytes: z.string().max(90_000),
        proof: z.array(z.string().length(44)).max(63),
      }),
    )
    .max(MAX_ENTRIES),
});

/**
 * Part of a journal that can be judged without it: entries with the proofs that they are in the tree of the
 * checkpoint. It is what a holder's device, the releaser and an auditor get.
 */
export type Transcript = z.infer<typeof transcriptSchema>;

/** One group of the journal, as an entry's bytes say it. */
export interface Group {
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly input: StoredInput;
  readonly events: readonly HalliganEvent[];
}

/** Parses a transcript from outside. @throws `evidence.transcript` */
export function transcriptOf(json: unknown): Transcript {
  const parsed = transcriptSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new HalliganError(
    'evidence.transcript',
    'This is not a transcript.',
    'It was altered, or written by another version.',
  );
}

/** Makes the transcript of some entries. */
export function makeTranscript(
  checkpoint: string,
  entries: readonly {
    readonly index: number;
    readonly bytes: Uint8Array;
    readonly proof: readonly Uint8Array[];
  }[],
): Transcript {
  return {
    v: 'halligan/transcript/v1',
    checkpoint,
    entries: entries.map(({ index, bytes, proof }) => ({
      index,
      bytes: base64(bytes),
      proof: proof.map(base64),
    })),
  };
}

/** What a checkpoint says once the log's signature under it was checked. */
export interface Anchor {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * Verifies a checkpoint under the log's keys: all of them, where it has an ML-DSA-44 key too.
 * @throws `tlog.note-unverified`, `tlog.checkpoint-syntax`, `evidence.origin` where it is another log's
 */
export async function verifyCheckpoint(
  note: string,
  logKey: string,
  origin: string,
): Promise<Anchor> {
  const { text } = await verifyLogNote(note, logKey);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== origin) {
    throw new HalliganError(
      'evidence.origin',
      'This checkpoint is of another log.',
      'Ask for the record of your own organisation.',
    );
  }
  return checkpoint;
}

/**
 * The groups of a transcript, each proven to be in the tree at its index, in the journal's order.
 * @param parse how an entry is parsed once it is proven
 * @throws `evidence.entry` naming the entry
 */
export function provenGroups(
  transcript: Transcript,
  anchor: Anchor,
  parse: typeof groupOf = groupOf,
): readonly Group[] {
  let last = -1;
  return transcript.entries.map(({ index, bytes: encoded, proof }) => {
    if (index <= last) throw entryError(index, 'is out of order');
    last = index;
    const bytes = fromBase64(encoded);
    try {
      verifyInclusion({
        leafHash: leafHash(bytes),
        index,
        size: anchor.size,
        proof: proof.map(fromBase64),
        root: anchor.root,
      });
    } catch (cause) {
      throw entryError(index, 'is not in the log at this checkpoint', cause);
    }
    return parse(index, bytes);
  });
}

const groupSchema = z.strictObject({
  v: z.literal('halligan/group/v1'),
  input: z.unknown(),
  events: z.array(z.unknown()).min(1).max(100),
});

/** Parses an entry's bytes, of whatever version wrote them. @throws `evidence.entry` */
export function groupOf(index: number, bytes: Uint8Array): Group {
  const parsed = groupSchema.safeParse(parseCanonical(bytes, 65_535));
  if (!parsed.success) throw entryError(index, 'has a form that this version does not know');
  return {
    index,
    bytes,
    input: storedInputOf(parsed.data.input),
    events: eventsOf(index, parsed.data.events),
  };
}

/**
 * The events of an entry, of whatever version wrote them: all that is needed to fold this machine's own journal, whose driver
 * has verified every byte under the log's signature. Whoever judges (a device, the releaser, an auditor) takes
 * {@link groupOf}: it takes one spelling only, and the input that the events are compared with; they count for nothing
 * before.
 * @param events as JSON has them
 * @throws `evidence.entry`
 */
export function eventsOf(index: number, events: readonly unknown[]): readonly HalliganEvent[] {
  if (events.length === 0) throw entryError(index, 'has a form that this version does not know');
  try {
    return events.map((event) => eventOf(event));
  } catch (cause) {
    const critical = cause instanceof HalliganError && cause.code === 'procedure.event-critical';
    throw entryError(
      index,
      critical
        ? 'holds what nobody may overlook, and what this version does not know'
        : 'has a form that this version does not know',
      cause,
    );
  }
}

/** The streams that one emergency's record consists of. */
export function streamsOf(emergency: string, account: string): ReadonlySet<string> {
  return new Set(['organisation', `account:${account}`, `emergency:${emergency}`]);
}

function entryError(index: number, what: string, cause?: unknown): HalliganError {
  return new HalliganError(
    'evidence.entry',
    `Entry ${index} ${what}.`,
    'The record was altered, or is incomplete.',
    { cause },
  );
}
