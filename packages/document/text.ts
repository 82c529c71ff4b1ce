import { broken, columnsOf } from './columns.ts';
import { type Block, type Content, type PrintedDocument, saidBy } from './document.ts';
import { harmless, harmlessLine } from './harmless.ts';

/** Every line of a text that is not the first of its paragraph begins with this: only our own labels stand at the left. */
const INDENT = '    ';

/**
 * A document as plain text: UTF-8, lines of at most `columns`, each ended by a line feed. What a person wrote cannot
 * begin a line at the left edge, so that it cannot pass for a label, a heading or another entry.
 * @param columns at least 40
 */
export function textOf(document: PrintedDocument, columns = 80): string {
  const lines: string[] = [];
  const write = (text: string, first = '', rest = INDENT) => {
    const room = columns - columnsOf(rest);
    const [head = '', ...more] = broken(
      harmless(text),
      columnsOf,
      Math.max(1, columns - columnsOf(first)),
      room,
    );
    lines.push(`${first}${head}`, ...more.map((line) => (line === '' ? '' : `${rest}${line}`)));
  };
  if (document.kind !== undefined) lines.push(harmlessLine(document.kind));
  write(lineOf(document.title));
  for (const line of document.subtitle) write(lineOf(line));
  let under: Block['type'] | undefined;
  for (const block of document.blocks) {
    if (under !== 'heading') lines.push('');
    writeBlock(block, write, lines, columns);
    under = block.type;
  }
  if (document.closing !== undefined) {
    lines.push('');
    write(saidBy(document.closing), '', '');
  }
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

type Write = (text: string, first?: string, rest?: string) => void;

function writeBlock(block: Block, write: Write, lines: string[], columns: number): void {
  switch (block.type) {
    case 'heading':
      write(harmlessLine(block.text).toUpperCase());
      lines.push('='.repeat(Math.min(columns, columnsOf(block.text))));
      return;
    case 'paragraph':
      write(saidBy(block.content), ...margins(block.content));
      return;
    case 'list':
      for (const item of block.items) write(saidBy(item), '- ');
      return;
    case 'facts':
      for (const { label, value } of block.rows) {
        const [only = ['—'], ...more] = value;
        write(more.length === 0 ? `${label}: ${saidBy(only)}` : `${label}:`);
        if (more.length > 0) for (const one of value) write(saidBy(one), '  - ');
      }
      return;
    case 'lines':
      for (const { content, below = [] } of block.lines) {
        write(saidBy(content));
        for (const paragraph of below) write(saidBy(paragraph), '  - ');
      }
      return;
    case 'table':
      lines.push(...tableLines(block.columns, block.rows, columns));
      return;
    case 'code':
      for (const line of block.lines) write(harmlessLine(line), INDENT, `${INDENT}\\ `);
      return;
    case 'page':
      return;
  }
}

/** Columns as wide as they need to be, the widest giving way; cells break inside their own column, behind a rule. */
function tableLines(
  heads: readonly string[],
  rows: readonly (readonly Content[])[],
  columns: number,
): readonly string[] {
  const cells = [
    heads.map((head) => harmless(head)),
    ...rows.map((row) => heads.map((_, at) => harmless(saidBy(row[at] ?? [])))),
  ];
  const widths = heads.map((_, at) =>
    Math.max(1, ...cells.map((row) => Math.max(...(row[at] ?? '').split('\n').map(columnsOf)))),
  );
  while (widths.reduce((sum, width) => sum + width + 3, 1) > columns) {
    const widest = widths.indexOf(Math.max(...widths));
    const width = widths[widest] ?? 0;
    if (width <= 4) break;
    widths[widest] = width - 1;
  }
  const drawn = cells.map((row) => {
    const parts = row.map((cell, at) => broken(cell, columnsOf, widths[at] ?? 1, widths[at] ?? 1));
    const height = Math.max(...parts.map((part) => part.length));
    return Array.from({ length: height }, (_, line) =>
      parts
        .map((part, at) => {
          const text = part[line] ?? '';
          return text + ' '.repeat(Math.max(0, (widths[at] ?? 0) - columnsOf(text)));
        })
        .join(' | '),
    );
  });
  const [head = [], ...body] = drawn;
  const rule = widths.map((width) => '-'.repeat(width)).join('-|-');
  return [...head, rule, ...body.flat()].map((line) => `| ${line} |`);
}

/** Where a paragraph's first line and its others begin: none of them at the left edge with what a person wrote. */
function margins(content: Content): readonly [string, string] {
  const ours = content.map((span) => typeof span === 'string');
  return [ours[0] === true ? '' : INDENT, ours.every((one) => one) ? '' : INDENT];
}

function lineOf(content: Content): string {
  return harmlessLine(saidBy(content));
}
