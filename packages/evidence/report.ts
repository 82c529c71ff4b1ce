import { textOf } from '@halligan/document';
import { htmlOf } from './document-html.ts';
import { recordDocument, type Told } from './record-document.ts';

export type { ReportText } from './report-parts.ts';

/** report.html: the record for reading, in a browser. */
export function reportOf(told: Told): string {
  return htmlOf(recordDocument(told));
}

/** record.txt: the same on a terminal, in a ticket, or read out. */
export function recordTextOf(told: Told): string {
  return textOf(recordDocument(told));
}
