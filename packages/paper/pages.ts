import { harmlessLine, type PrintedDocument, saidBy } from '@halligan/document';
import PDFDocument from 'pdfkit';
import { type Face, face, showable, UNDRAWN } from './faces.ts';
import { DRILL, type Look, type Measure, REAL, RULE, type SetLine, SOFT } from './runs.ts';

/** How a document is put on paper. */
export interface Sheet {
  readonly size?: 'A4' | 'Letter';
  /** Who signs on each page, such as `requester ana`: the foot of each page has a line for each, at most three. */
  readonly signedBy?: readonly string[];
}

const SIDE = 54;
const TOP = 62;
const FOOT = 46;
const SIGNATURES = 44;
const LEADING = 1.4;
/** A hostile document is not printed for ever. */
const MOST_PAGES = 2_000;
const RUNNING: Look = { face: 'text', size: 7.5, colour: SOFT };

/** Pages that are filled from above: a place to write, and what every page bears. */
export class Pages {
  readonly width: number;
  readonly measure: Measure;
  readonly #pdf: PDFKit.PDFDocument;
  readonly #document: PrintedDocument;
  readonly #signedBy: readonly string[];
  readonly #bottom: number;
  #y = TOP;
  #hasUndrawn = false;

  constructor(document: PrintedDocument, { size = 'A4', signedBy = [] }: Sheet) {
    this.#document = document;
    this.#signedBy = signedBy.slice(0, 3);
    const date = new Date(document.date);
    this.#pdf = new PDFDocument({
      size: size === 'A4' ? 'A4' : 'LETTER',
      margins: { top: 0, bottom: 0, left: 0, right: 0 },
      bufferPages: true,
      lang: document.language,
      displayTitle: true,
      info: {
        Title: harmlessLine(saidBy(document.title)).slice(0, 200),
        Producer: 'Halligan',
        Creator: 'Halligan',
        CreationDate: date,
        ModDate: date,
      },
    });
    for (const name of ['text', 'bold', 'mono'] satisfies Face[])
      this.#pdf.registerFont(name, face(name).bytes);
    this.width = this.#pdf.page.width - 2 * SIDE;
    this.#bottom = this.#pdf.page.height - FOOT - (this.#signedBy.length > 0 ? SIGNATURES : 0);
    this.measure = (text, look) =>
      this.#pdf.font(look.face).fontSize(look.size).widthOfString(text);
  }

  /** Whether a character so far was named instead of drawn. */
  get hasUndrawn(): boolean {
    return this.#hasUndrawn;
  }

  /** Leaves points empty, unless the page has just begun. */
  space(points: number): void {
    if (this.#y > TOP) this.#y += points;
  }

  /** Begins another page, if there are fewer points left than these. */
  need(points: number): void {
    if (this.#y + points > this.#bottom) this.newPage();
  }

  newPage(): void {
    if (this.#pdf.bufferedPageRange().count >= MOST_PAGES)
      throw new RangeError(`more than ${MOST_PAGES} pages`);
    this.#pdf.addPage();
    this.#y = TOP;
  }

  /** A thin line over the whole width. */
  rule(): void {
    this.#line(SIDE, this.#y, this.width, RULE);
    this.#y += 4;
  }

  /** A bar that tells at a glance what this is. */
  bar(practice: boolean): void {
    const pdf = this.#pdf;
    const y = this.#y;
    if (practice) {
      pdf.rect(SIDE, y, this.width, 1.5).fill(DRILL);
      pdf.rect(SIDE, y + 3.5, this.width, 1.5).fill(DRILL);
    } else pdf.rect(SIDE, y, this.width, 5).fill(REAL);
    this.#y += 16;
  }

  /**
   * Writes columns of lines beside each other, from the left edge in points, and goes on below the longest. Where the
   * page ends, all of them go on at the top of the next one.
   */
  columns(columns: readonly { readonly left: number; readonly lines: readonly SetLine[] }[]): void {
    const height = Math.max(...columns.map(({ lines }) => lines.length));
    for (let at = 0; at < height; at += 1) {
      const row = columns.map(({ left, lines }) => ({ left, line: lines[at] ?? [] }));
      const size = Math.max(7, ...row.flatMap(({ line }) => line.map((one) => one.size)));
      this.need(size * LEADING);
      this.#hasUndrawn ||= row.some(({ line }) => line.some(({ text }) => text.includes(UNDRAWN)));
      for (const { left, line } of row) this.#write(line, SIDE + left, this.#y, size);
      this.#y += size * LEADING;
    }
  }

  /** Heads and feet of all pages, then the file. */
  finish(): Promise<Uint8Array> {
    const pdf = this.#pdf;
    const { start, count } = pdf.bufferedPageRange();
    for (let page = 0; page < count; page += 1) {
      pdf.switchToPage(start + page);
      this.#running(`page ${page + 1} of ${count}`);
      this.#signatures();
    }
    const chunks: Buffer[] = [];
    return new Promise((resolve, reject) => {
      pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
      pdf.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks))));
      pdf.on('error', reject);
      pdf.end();
    });
  }

  #running(number: string): void {
    const { kind, running } = this.#document;
    const head = [kind, running].filter((part) => part !== undefined).join(' · ');
    const y = 34;
    this.#write([this.#fitting(head, this.width - 90)], SIDE, y, RUNNING.size);
    const wide = this.measure(number, RUNNING);
    this.#write([{ ...RUNNING, text: number }], SIDE + this.width - wide, y, RUNNING.size);
    this.#line(SIDE, y + 13, this.width, RULE);
  }

  #signatures(): void {
    const each = this.width / Math.max(1, this.#signedBy.length);
    for (const [at, who] of this.#signedBy.entries()) {
      const left = SIDE + at * each;
      const y = this.#bottom + 30;
      this.#line(left, y, each - 14, SOFT);
      this.#write([this.#fitting(`${who}, date and time`, each - 14)], left, y + 4, RUNNING.size);
    }
  }

  #fitting(text: string, room: number) {
    let shown = showable(harmlessLine(text), RUNNING.face);
    while (shown.length > 1 && this.measure(shown, RUNNING) > room)
      shown = `${Array.from(shown).slice(0, -2).join('')}…`;
    return { ...RUNNING, text: shown };
  }

  #write(line: SetLine, left: number, y: number, size: number): void {
    let x = left;
    for (const { text, ...look } of line) {
      const drop = (size - look.size) * 0.93;
      this.#pdf.font(look.face).fontSize(look.size).fillColor(look.colour);
      this.#pdf.text(text, x, y + drop, { lineBreak: false });
      x += this.measure(text, look);
    }
  }

  #line(left: number, y: number, width: number, colour: string): void {
    this.#pdf
      .moveTo(left, y)
      .lineTo(left + width, y)
      .lineWidth(0.5)
      .strokeColor(colour)
      .stroke();
  }
}
