import { textOf } from '@halligan/document';
import type { Emergency, State } from '@halligan/procedure';
import { htmlOf } from './document-html.ts';
import { recordDocument } from './record-document.ts';
import type { ReportText } from './report-parts.ts';

export type { ReportText } from './report-parts.ts';

/** report.html: the record for reading, in a browser. */
export function reportOf(
  state: State,
  emergency: Emergency,
  texts: ReadonlyMap<string, ReportText>,
): string {
  return htmlOf(recordDocument(state, emergency, texts));
}

/** record.txt: the same on a terminal, in a ticket, or read out. */
export function recordTextOf(
  state: State,
  emergency: Emergency,
  texts: ReadonlyMap<string, ReportText>,
): string {
  return textOf(recordDocument(state, emergency, texts));
}
