import { cpus, totalmem } from 'node:os';
import type { Row } from './row.ts';

/** The rows as columns of text, for people at a terminal. */
export function textTable(rows: readonly Row[]): string {
  return aligned(
    rows.map((row) => [
      row.name,
      figure(row.value),
      row.unit,
      figure(row.best),
      ratioOf(row),
      judged(row),
    ]),
    ['', 'median', '', 'best', 'ratio', 'target'],
  );
}

/** The rows as a table in Markdown. */
export function markdownTable(rows: readonly Row[]): string {
  const lines = rows.map((row) =>
    [
      row.name,
      figure(row.value),
      figure(row.best),
      row.unit,
      row.runs,
      ratioOf(row),
      judged(row),
    ].join(' | '),
  );
  return [
    '| figure | median | best | unit | runs | ratio | target |',
    '|-|-:|-:|-|-:|-|-|',
    ...lines.map((line) => `| ${line} |`),
  ].join('\n');
}

/** What the figures were measured on. */
export function machine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? 'unknown';
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} × ${model}, ${memory} GiB, ${process.platform}, Node ${process.versions.node}`;
}

/** Three digits that mean something. */
function figure(value: number): string {
  return value >= 100
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(3)));
}

function ratioOf({ ratio, ratioTo }: Row): string {
  return ratio === undefined || ratioTo === undefined ? '' : `${figure(ratio)} × ${ratioTo}`;
}

function judged({ target, targetOf, holds }: Row): string {
  if (target === undefined) return '';
  const wanted = `${figure(target)}${targetOf === 'ratio' ? ' ×' : ''}`;
  return `${wanted} ${holds === true ? 'holds' : 'MISSED'}`;
}

function aligned(lines: readonly (readonly string[])[], head: readonly string[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)),
  );
  const numbers = new Set([1, 3]);
  return [head, ...lines]
    .map((line) =>
      line
        .map((cell, column) =>
          numbers.has(column)
            ? cell.padStart(widths[column] ?? 0)
            : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
