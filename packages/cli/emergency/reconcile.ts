import { digestOf, HalliganError, utf8Text } from '@halligan/format';
import {
  compareLog,
  type Emergency,
  type LogDifference,
  type LogEntry,
  parseAuditLog,
} from '@halligan/procedure';
import { type Attachment, type PlainAttachment, textAttachment } from '@halligan/statement';
import type { Device } from '../device.ts';
import { anyFile } from './file-attachment.ts';
import { about, look } from './find.ts';

/** What a reviewer gives: the exported log, how far clocks may be apart, and what explains a difference. */
export interface Comparing {
  readonly path: string;
  readonly log: Uint8Array;
  /** Seconds. */
  readonly tolerance: number;
  /** `<entry number>=<text>` or `<beginning of a note's digest>=<text>`. */
  readonly explain: readonly string[];
}

/** A difference as a reviewer reads it. */
export interface ShownDifference extends LogDifference {
  readonly what: string;
  readonly explained: boolean;
}

/** The log beside the record. */
export interface Compared {
  readonly emergency: string;
  readonly entries: number;
  readonly matched: number;
  readonly differences: readonly ShownDifference[];
}

/**
 * Lays a system's exported audit log beside the record. Nothing is signed.
 * @throws `procedure.audit-log`, `cli.usage`
 */
export async function compare(
  device: Device,
  prefix: string | undefined,
  asked: Comparing,
): Promise<Compared> {
  const { emergency } = await look(device, prefix);
  return compared(emergency, asked).shown;
}

/** Attests the comparison, with the log itself and each explanation attached. */
export async function signComparison(
  device: Device,
  prefix: string | undefined,
  asked: Comparing,
): Promise<Compared> {
  const { emergency } = await look(device, prefix);
  const { shown, differences, texts } = compared(emergency, asked);
  const log = anyFile(asked.path, asked.log);
  await attest(device, prefix, [log, ...texts], {
    log: log.digest,
    tolerance: asked.tolerance,
    entries: shown.entries,
    matched: shown.matched,
    differences,
  });
  return shown;
}

/** Attests that there is no log to compare with, and why. */
export async function signUnavailable(
  device: Device,
  prefix: string | undefined,
  why: string,
): Promise<void> {
  const text = textAttachment(why);
  const nothing = { tolerance: 0, entries: 0, matched: 0, differences: [] };
  await attest(device, prefix, [text], { log: null, unavailable: text.digest, ...nothing });
}

function compared(emergency: Emergency, { log, tolerance, explain }: Comparing) {
  const entries = parseAuditLog(utf8Text(log));
  const { matched, differences } = compareLog(entries, emergency.notes, tolerance);
  const texts: Attachment[] = [];
  const explained = differences.map((one): LogDifference => {
    const text = explanationOf(explain, one);
    if (text === undefined) return one;
    const attached = textAttachment(text);
    texts.push(attached);
    return { ...one, explanation: attached.digest };
  });
  const unused = explain.filter((text) => !differences.some((one) => names(text, one)));
  if (unused[0] !== undefined)
    throw new HalliganError(
      'cli.usage',
      `“${unused[0].split('=')[0]}” is no difference between log and record.`,
      'Run it without --explain to see them.',
    );
  const shown: Compared = {
    emergency: emergency.id,
    entries: entries.length,
    matched: matched.length,
    differences: explained.map((one) => ({
      ...one,
      what: whatIs(entries, emergency, one),
      explained: one.explanation !== undefined,
    })),
  };
  return { shown, differences: explained, texts };
}

function explanationOf(explain: readonly string[], one: LogDifference): string | undefined {
  const given = explain.find((text) => names(text, one));
  return given?.slice(given.indexOf('=') + 1);
}

function names(text: string, { entry, note }: LogDifference): boolean {
  const name = text.slice(0, Math.max(0, text.indexOf('=')));
  if (name === '') return false;
  return entry === undefined ? note?.startsWith(name) === true : name === String(entry);
}

function whatIs(
  entries: readonly LogEntry[],
  emergency: Emergency,
  { entry, note }: LogDifference,
): string {
  const seen = entries.find(({ number }) => number === entry);
  if (seen !== undefined)
    return [seen.actor, seen.action, seen.outcome].filter(Boolean).join(' · ');
  const noted = emergency.notes.find(({ statement }) => statement === note);
  return noted === undefined ? '' : `${noted.about} noted by ${noted.by}`;
}

async function attest(
  device: Device,
  prefix: string | undefined,
  attachments: readonly (Attachment | PlainAttachment)[],
  facts: object,
): Promise<void> {
  const { proven, emergency } = await look(device, prefix);
  const document = { v: 'halligan/reconciliation/v1', emergency: emergency.id, ...facts };
  await device.say(
    proven,
    'attest',
    {
      ...about(emergency),
      what: 'reconciliation',
      digest: digestOf(JSON.parse(JSON.stringify(document))),
    },
    { document, attachments },
  );
}
