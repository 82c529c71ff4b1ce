export { broken, columnsOf, graphemes } from './columns.ts';
export {
  type Block,
  type Content,
  code,
  type Fact,
  type PrintedDocument,
  type Span,
  saidBy,
  soft,
  type TimedLine,
  written,
} from './document.ts';
export { harmless, harmlessLine } from './harmless.ts';
export { markdownOf } from './markdown.ts';
export { textOf } from './text.ts';
