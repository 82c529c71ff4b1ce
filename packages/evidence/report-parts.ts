import { utf8Text } from '@halligan/format';
import type { State } from '@halligan/procedure';
import { memberById } from '@halligan/statement';
import { html, type Markup, type Part, written } from './markup.ts';

/** A text or file that a statement names, checked against its digest. */
export interface ReportText {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

export type Texts = ReadonlyMap<string, ReportText>;

/** The most characters of one text that the page shows; the whole text lies in the pack. */
const LONGEST = 4_000;

export const NONE = html`—`;

export function section(title: string, ...body: readonly Part[]): Markup {
  return html`<section><h2>${title}</h2>${body}</section>\n`;
}

export function facts(rows: readonly (readonly [string, Part])[]): Markup {
  return html`<dl>${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

export function paragraphs(parts: readonly Part[]): Part {
  return parts.length === 0 ? NONE : parts.map((part) => html`<p>${part}</p>`);
}

/** What a statement's digest stands for; a dash where it names nothing, and what it is where it is no text. */
export function textOf(texts: Texts, digest: string | undefined): Part {
  if (digest === undefined) return NONE;
  const found = texts.get(digest);
  const place = `${digest.slice(0, 16)}…`;
  if (found === undefined) return html`[not in this pack: <code>${place}</code>]`;
  const { mediaType, bytes } = found;
  if (!mediaType.startsWith('text/plain'))
    return html`[file, ${mediaType}, ${bytes.length} bytes: <code>attachments/${place}</code>]`;
  const text = plainText(bytes);
  if (text === undefined)
    return html`[not UTF-8, ${bytes.length} bytes: <code>attachments/${place}</code>]`;
  const rest = text.length - LONGEST;
  return rest <= 0
    ? written(text)
    : html`${written(text.slice(0, LONGEST))} [${rest} more characters: <code>attachments/${place}</code>]`;
}

function plainText(bytes: Uint8Array): string | undefined {
  try {
    return utf8Text(bytes);
  } catch {
    return undefined;
  }
}

/** A person with the roles of the roster: who the procedure asks for, and in what role. */
export function person({ roster }: State, id: string | undefined): Part {
  if (id === undefined) return NONE;
  const roles = roster === undefined ? [] : (memberById(roster, id)?.roles ?? []);
  return html`${id}${roles.length === 0 ? '' : html` <span class="by">(${roles.join(', ')})</span>`}`;
}

/** `2026-03-02 14:32 UTC`. */
export function time(instant: string): Markup {
  return html`<time datetime="${instant}">${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC</time>`;
}

/** `15:12 UTC`, with the date where it is another than `day`. */
export function clock(instant: string, day: string): Markup {
  return instant.slice(0, 10) === day.slice(0, 10)
    ? html`<time datetime="${instant}">${instant.slice(11, 16)} UTC</time>`
    : time(instant);
}

/** `11 minutes`, `1 hour 5 minutes`, `40 seconds`. */
export function duration(seconds: number): string {
  if (seconds < 0) return 'not known: the end lies before the access';
  if (seconds < 60) return counted(seconds, 'second');
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return counted(minutes, 'minute');
  return minutes % 60 === 0
    ? counted(hours, 'hour')
    : `${counted(hours, 'hour')} ${counted(minutes % 60, 'minute')}`;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
