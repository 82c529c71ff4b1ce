import { type Block, type PrintedDocument, saidBy } from '@halligan/document';
import { columnWidths } from './column-widths.ts';
import { Pages, type Sheet } from './pages.ts';
import { BODY, DRILL, type Look, REAL, run, runsOf, SOFT, setLines } from './runs.ts';

const TITLE: Look = { ...BODY, face: 'bold', size: 16 };
const HEADING: Look = { ...BODY, face: 'bold', size: 12 };
const LABEL: Look = { ...BODY, colour: SOFT };
const CODE: Look = { ...BODY, face: 'mono' };
const LABEL_WIDTH = 138;
const GAP = 10;
const HANG = 18;

/** See `pdfOf` in printer.ts: this is loaded with the library that writes the file. */
export async function draw(document: PrintedDocument, sheet: Sheet): Promise<Uint8Array> {
  const pages = new Pages(document, sheet);
  const { kind, practice = false } = document;
  pages.bar(practice);
  if (kind !== undefined)
    full(pages, [run(kind, { ...HEADING, size: 10, colour: practice ? DRILL : REAL })]);
  full(pages, runsOf(document.title, TITLE));
  for (const line of document.subtitle)
    full(pages, runsOf(line, { ...BODY, size: 8.5, colour: SOFT }));
  for (const block of document.blocks) writeBlock(pages, block);
  if (document.closing !== undefined) {
    pages.space(14);
    full(pages, runsOf(document.closing, { ...BODY, size: 8, colour: SOFT }));
  }
  if (pages.hasUndrawn) {
    pages.space(6);
    full(pages, runsOf(UNDRAWN_NOTE, { ...BODY, size: 8, colour: SOFT }));
  }
  return pages.finish();
}

/** A reader who takes U+65E5 for somebody's name would look for the wrong person. */
const UNDRAWN_NOTE = [
  'Where a U+ and a number stand in angle brackets, somebody wrote a character that the fonts of this file lack, and this is its Unicode code point. The HTML and text forms show the character itself.',
];

function writeBlock(pages: Pages, block: Block): void {
  switch (block.type) {
    case 'page':
      pages.newPage();
      return;
    case 'heading':
      pages.space(16);
      pages.need(60);
      full(pages, [run(block.text, HEADING)]);
      pages.space(3);
      return;
    case 'paragraph':
      full(pages, runsOf(block.content));
      pages.space(4);
      return;
    case 'list':
      for (const item of block.items) {
        beside(pages, [
          { left: 2, width: 10, runs: [run('•', BODY)] },
          { left: 14, width: pages.width - 14, runs: runsOf(item) },
        ]);
        pages.space(2);
      }
      return;
    case 'facts':
      for (const { label, value } of block.rows) {
        pages.need(24);
        pages.rule();
        beside(pages, [
          { left: 0, width: LABEL_WIDTH - GAP, runs: [run(label, LABEL)] },
          {
            left: LABEL_WIDTH,
            width: pages.width - LABEL_WIDTH,
            runs: value.flatMap((one, at) => [
              ...(value.length === 1 ? [] : [run(at === 0 ? '• ' : '\n• ', LABEL)]),
              ...runsOf(one),
            ]),
          },
        ]);
        pages.space(3);
      }
      return;
    case 'lines':
      for (const { content, below = [] } of block.lines) {
        hanging(pages, runsOf(content));
        for (const one of below)
          beside(pages, [
            { left: HANG, width: 10, runs: [run('•', LABEL)] },
            { left: HANG + 12, width: pages.width - HANG - 12, runs: runsOf(one) },
          ]);
        pages.space(2);
      }
      return;
    case 'code':
      for (const line of block.lines)
        beside(pages, [
          { left: 12, width: pages.width - 12, runs: [run(line.replaceAll('\n', ' '), CODE)] },
        ]);
      pages.space(4);
      return;
    case 'table':
      table(pages, block);
      return;
  }
}

/** Columns share the width by how much they have to say, and none breaks its words for the sake of another. */
function table(pages: Pages, { columns, rows }: Block & { readonly type: 'table' }): void {
  const head: Look = { ...LABEL, face: 'bold' };
  const asked = columns.map((label, at) => {
    const cells = [label, ...rows.map((row) => saidBy(row[at] ?? []).slice(0, 200))];
    const wide = (text: string, index: number) => pages.measure(text, index === 0 ? head : BODY);
    const words = cells.map((cell, index) =>
      Math.max(...cell.split(/\s+/).map((word) => wide(word, index))),
    );
    const whole = Math.max(...cells.map((cell, index) => Math.min(240, wide(cell, index))));
    return { word: Math.max(...words), whole: Math.max(whole, ...words) };
  });
  const widths = columnWidths(asked, pages.width - GAP * (columns.length - 1));
  const lefts = widths.map((_, at) =>
    widths.slice(0, at).reduce((sum, width) => sum + width + GAP, 0),
  );
  const row = (cells: readonly ReturnType<typeof runsOf>[]) =>
    beside(
      pages,
      cells.map((runs, at) => ({ left: lefts[at] ?? 0, width: (widths[at] ?? 20) + 1, runs })),
    );
  pages.need(30);
  row(columns.map((label) => [run(label, head)]));
  for (const cells of rows) {
    pages.need(20);
    pages.rule();
    row(columns.map((_, at) => runsOf(cells[at] ?? [])));
    pages.space(2);
  }
}

function full(pages: Pages, runs: ReturnType<typeof runsOf>): void {
  beside(pages, [{ left: 0, width: pages.width, runs }]);
}

/** Only the first line stands at the left edge: what a person wrote cannot begin another entry. */
function hanging(pages: Pages, runs: ReturnType<typeof runsOf>): void {
  const [first = [], ...rest] = setLines(runs, pages.width - HANG, pages.measure);
  pages.columns([{ left: 0, lines: [first] }]);
  if (rest.length > 0) pages.columns([{ left: HANG, lines: rest }]);
}

function beside(
  pages: Pages,
  columns: readonly {
    readonly left: number;
    readonly width: number;
    readonly runs: ReturnType<typeof runsOf>;
  }[],
): void {
  pages.columns(
    columns.map(({ left, width, runs }) => ({ left, lines: setLines(runs, width, pages.measure) })),
  );
}
