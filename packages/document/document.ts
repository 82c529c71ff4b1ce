/**
 * A document as data: what it says, in order, before it looks like anything. HTML, PDF and text are made of the same
 * structure, so that no two of them can say different things.
 */
export interface PrintedDocument {
  /** BCP 47, such as `en`. */
  readonly language: string;
  /** One or two words above the title, such as DRILL: what nobody may miss. */
  readonly kind?: string;
  /** Whether `kind` warns of the real thing, or marks practice: looks only, the word says it. */
  readonly practice?: boolean;
  readonly title: Content;
  /** Under the title, a line each. */
  readonly subtitle: readonly Content[];
  /** Names the content on every page of paper, such as the record's digest; a date of its own is never printed. */
  readonly running: string;
  /** RFC 3339: the file's own date. Never the time of rendering, so that the same input makes the same bytes. */
  readonly date: string;
  readonly blocks: readonly Block[];
  /** Small, after everything else: how to read it. */
  readonly closing?: Content;
}

export type Block =
  | { readonly type: 'heading'; readonly text: string }
  | { readonly type: 'paragraph'; readonly content: Content }
  | { readonly type: 'list'; readonly items: readonly Content[] }
  | { readonly type: 'facts'; readonly rows: readonly Fact[] }
  | { readonly type: 'lines'; readonly lines: readonly TimedLine[] }
  | {
      readonly type: 'table';
      readonly columns: readonly string[];
      readonly rows: readonly (readonly Content[])[];
    }
  /** Characters that are copied one by one, such as commands and passwords: never broken silently, never justified. */
  | { readonly type: 'code'; readonly lines: readonly string[] }
  /** What follows begins on a new page. */
  | { readonly type: 'page' };

/** A label and what stands beside it, a paragraph each. */
export interface Fact {
  readonly label: string;
  readonly value: readonly Content[];
}

/** A line of a chronicle, with what stands under it. */
export interface TimedLine {
  readonly content: Content;
  readonly below?: readonly Content[];
}

export type Content = readonly Span[];

/**
 * A run of text. A plain string is ours; whatever a person wrote is `written`, so that every form keeps it apart: it
 * may run from right to left, hold marks that turn what follows, or imitate our own lines.
 */
export type Span =
  | string
  | { readonly type: 'written'; readonly text: string }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'soft'; readonly content: Content }
  | { readonly type: 'time'; readonly instant: string; readonly text: string }
  | { readonly type: 'verdict'; readonly good: boolean; readonly text: string };

export function written(text: string): Span {
  return { type: 'written', text };
}

export function code(text: string): Span {
  return { type: 'code', text };
}

export function soft(...content: Content): Span {
  return { type: 'soft', content };
}

/** What a span says, whatever its looks. What a person wrote may hold line feeds; nothing of ours does. */
export function saidBy(content: Content): string {
  return content
    .map((span) => {
      if (typeof span === 'string') return span;
      return span.type === 'soft' ? saidBy(span.content) : span.text;
    })
    .join('');
}
