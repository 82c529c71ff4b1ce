/** What a document is made of, for those who only print: `@halligan/document` is the room that browsers share. */
export {
  type Block,
  type Content,
  code,
  type Fact,
  harmless,
  type PrintedDocument,
  type Span,
  soft,
  type TimedLine,
  textOf,
  written,
} from '@halligan/document';
export type { Sheet } from './pages.ts';
export { PAPER_VERSION, PRINTER, pdfOf } from './printer.ts';
