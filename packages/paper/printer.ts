import type { PrintedDocument } from '@halligan/document';
import type { Sheet } from './pages.ts';

/**
 * Names how a document is put on paper. Under one version a document has one PDF, byte for byte; whoever changes the
 * layout, the fonts or the library that writes the file raises it.
 */
export const PAPER_VERSION = 'halligan/paper/v3';

/**
 * A document as PDF, with its fonts in it: the same document and sheet make the same bytes. Whatever a person wrote
 * stays inside its column; what the fonts cannot show is named by its code point.
 * @throws `RangeError` beyond 2,000 pages
 */
export async function pdfOf(document: PrintedDocument, sheet: Sheet = {}): Promise<Uint8Array> {
  // Most programs that could print do not: the fonts and the library are loaded by the first document.
  const { draw } = await import('./pdf.ts');
  return draw(document, sheet);
}

/** Prints a pack's document: the server that makes a pack and whoever verifies it print alike. */
export const PRINTER = {
  version: PAPER_VERSION,
  print: (document: PrintedDocument): Promise<Uint8Array> => pdfOf(document),
} as const;
