import type { Block, Content, PrintedDocument, Span } from './document.ts';
import { harmless, harmlessLine } from './harmless.ts';

/**
 * A document as Markdown (CommonMark with tables). What a person wrote is escaped: it cannot make a heading, a link, a
 * picture or an element of its own.
 */
export function markdownOf(document: PrintedDocument): string {
  const parts = [
    ...(document.kind === undefined ? [] : [`**${escaped(harmlessLine(document.kind))}**`]),
    `# ${lineOf(document.title)}`,
    ...document.subtitle.map((line) => lineOf(line)),
    ...document.blocks.map(blockOf).filter((text) => text !== ''),
    ...(document.closing === undefined ? [] : ['---', lineOf(document.closing)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function blockOf(block: Block): string {
  switch (block.type) {
    case 'heading':
      return `## ${escaped(harmlessLine(block.text))}`;
    case 'paragraph':
      return textOf(block.content);
    case 'list':
      return block.items.map((item) => `- ${lineOf(item)}`).join('\n');
    case 'facts':
      return table(
        ['', ''],
        block.rows.map(({ label, value }) => [
          escaped(harmlessLine(label)),
          value.length === 0 ? '—' : value.map(lineOf).join('<br>'),
        ]),
      );
    case 'lines':
      return block.lines
        .map(({ content, below = [] }) =>
          [`- ${lineOf(content)}`, ...below.map((one) => `  - ${lineOf(one)}`)].join('\n'),
        )
        .join('\n');
    case 'table':
      return table(
        block.columns.map((one) => escaped(harmlessLine(one))),
        block.rows.map((row) => block.columns.map((_, at) => lineOf(row[at] ?? []))),
      );
    case 'code': {
      const lines = block.lines.map(harmlessLine);
      // A fence that is longer than any in it cannot be closed from inside.
      const longest = Math.max(
        2,
        ...lines.flatMap((one) => (one.match(/`+/g) ?? []).map((run) => run.length)),
      );
      const fence = '`'.repeat(longest + 1);
      return [`${fence}text`, ...lines, fence].join('\n');
    }
    case 'page':
      return '';
  }
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [row(columns), `|${columns.map(() => '-').join('|')}|`, ...rows.map(row)].join('\n');
}

function lineOf(content: Content): string {
  return textOf(content).replaceAll(/\\?\n/g, '<br>');
}

function textOf(content: Content): string {
  return content.map(spanOf).join('');
}

function spanOf(span: Span): string {
  if (typeof span === 'string') return escaped(harmless(span));
  switch (span.type) {
    case 'soft':
      return textOf(span.content);
    case 'verdict':
      return `${span.good ? '✓' : '✗'} ${escaped(harmless(span.text))}`;
    default:
      return escaped(harmless(span.text));
  }
}

/** Every punctuation that Markdown or HTML could obey; a number with a point would begin a list. */
function escaped(text: string): string {
  return text
    .replace(/[\\`*_{}[\]<>#|~!&]/g, '\\$&')
    .replace(/^(\s*)([-+=])/gm, '$1\\$2')
    .replace(/^(\s*\d+)([.)])/gm, '$1\\$2');
}
