import type { PrintedDocument } from '@halligan/document';

/**
 * Puts a document on paper, the same bytes for the same document. Where there is none, as in a browser, a pack has no
 * PDF, or nobody says whether the one that it has is the record.
 */
export interface Printer {
  /** Names its layout, fonts and writer, such as `halligan/paper/v1`: only the same one makes the same bytes. */
  readonly version: string;
  readonly print: (document: PrintedDocument) => Promise<Uint8Array>;
}
