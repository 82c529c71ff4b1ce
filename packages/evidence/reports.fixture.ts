import { type PrintedDocument, textOf } from '@halligan/document';
import { HalliganError } from '@halligan/format';
import { emergencyById } from '@halligan/procedure';
import { checkAttachment } from '@halligan/statement';
import { contoso } from './contoso.fixture.ts';
import { type Wording, wholeEmergency } from './emergency.fixture.ts';
import { groupOf, htmlOf, namedTexts, recordDocument } from './index.ts';
import { withLargeFiles } from './large-files.fixture.ts';
import type { MemoryRecord } from './memory-record.fixture.ts';
import {
  alone,
  byCode,
  bySilence,
  converted,
  drilled,
  everything,
  torn,
  type Went,
} from './procedure.fixture.ts';

/** Reports to look at, and to hold against what people write into them. */

export const HOSTILE: Wording = {
  reason: [
    '</p><script>alert(1)</script><style>*{display:none}</style><img src=x onerror=alert(2)>',
    'القائمة \u202eright to left override \u2066isolate \u0007bell \u001b[31mred',
    `${'unbreakable'.repeat(60)}`,
    '👩🏽‍🚒 🏳️‍🌈 🆘 Ω≈ç√∫ 日本語 עברית',
  ].join('\n'),
  note: `"'\`><b onmouseover="alert(3)">&lt;already escaped&gt;&amp; <!-- ]]> ${'W'.repeat(400)}`,
};

/** The report of an emergency as the server packs it. */
export function reportFor(record: MemoryRecord, emergency: string): string {
  const document = documentFor(record, emergency);
  return document === undefined ? '' : htmlOf(document);
}

/** record.txt of an emergency. */
export function recordText(record: MemoryRecord, emergency: string): string {
  const document = documentFor(record, emergency);
  return document === undefined ? '' : textOf(document);
}

export function documentFor(record: MemoryRecord, emergency: string): PrintedDocument | undefined {
  const found = emergencyById(record.state, emergency);
  if (found === undefined) return undefined;
  const groups = record.entries.map((bytes, index) => groupOf(index, bytes));
  const named = namedTexts(found, groups);
  const texts = record.attachments
    .filter(({ digest }) => named.includes(digest))
    .map((one) => [one.digest, checkAttachment(one)] as const);
  return recordDocument({ state: record.state, emergency: found, groups, texts: new Map(texts) });
}

export function ordinaryDocument(): Promise<PrintedDocument> {
  return documentOf(async () => {
    const record = await contoso();
    return { record, emergency: await wholeEmergency(record) };
  });
}

/** The document of one way through the procedure. */
export async function documentOf(go: () => Promise<Went>): Promise<PrintedDocument> {
  const { record, emergency } = await go();
  const document = documentFor(record, emergency);
  if (document === undefined)
    throw new HalliganError('test.report', 'No report.', 'Declare first.');
  return document;
}

export async function ordinary(): Promise<string> {
  const record = await contoso();
  return reportFor(record, await wholeEmergency(record));
}

/** Documents of every way through the procedure: what is pinned and looked at. */
export async function documents(): Promise<readonly PrintedDocument[]> {
  const ways: readonly (() => Promise<Went>)[] = [
    () => everything(),
    byCode,
    bySilence,
    alone,
    converted,
    drilled,
    torn,
    withLargeFiles,
  ];
  return Promise.all(ways.map(documentOf));
}

export async function hostile(): Promise<string> {
  const record = await contoso();
  return reportFor(record, await wholeEmergency(record, HOSTILE));
}
