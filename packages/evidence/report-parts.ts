import {
  type Block,
  type Content,
  code,
  type Fact,
  type Span,
  soft,
  written,
} from '@halligan/document';
import { utf8Text } from '@halligan/format';
import type { State } from '@halligan/procedure';
import { memberById } from '@halligan/statement';

/** A text or file that a statement names, checked against its digest. */
export interface ReportText {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** What stands in the place of a text that two people ordered to be erased. */
export interface ErasedText {
  /** RFC 3339. */
  readonly erased: string;
}

/** What stands in the place of a file that is too large for a pack. */
export interface LargeText {
  /** Of its content. */
  readonly large: number;
}

export type Texts = ReadonlyMap<string, ReportText | ErasedText | LargeText>;

/** The most characters of one text that the record shows; the whole text lies in the pack. */
const LONGEST = 4_000;

export const NONE: Content = ['—'];

/** A part of the record under its heading. */
export function section(text: string, ...body: readonly (Block | undefined)[]): readonly Block[] {
  return [{ type: 'heading', text }, ...body.filter((block) => block !== undefined)];
}

export function facts(rows: readonly Fact[]): Block {
  return { type: 'facts', rows };
}

/** A label with one paragraph beside it. */
export function fact(label: string, ...content: Content): Fact {
  return { label, value: [content] };
}

/** A label with a paragraph for each, or a dash where there is none. */
export function factOf(label: string, value: readonly Content[]): Fact {
  return { label, value: value.length === 0 ? [NONE] : value };
}

export function paragraph(...content: Content): Block {
  return { type: 'paragraph', content };
}

/** What a statement's digest stands for; a dash where it names nothing, and what it is where it is no text. */
export function quoted(texts: Texts, digest: string | undefined): Content {
  if (digest === undefined) return NONE;
  const found = texts.get(digest);
  const place = `${digest.slice(0, 16)}…`;
  if (found === undefined) return ['[not in this pack: ', code(place), ']'];
  if ('erased' in found) return ['[erased ', time(found.erased), ': ', code(place), ']'];
  if ('large' in found)
    return [`[large file, ${found.large} bytes, beside the pack: `, code(place), ']'];
  const { mediaType, bytes } = found;
  const file = code(`attachments/${place}`);
  if (!mediaType.startsWith('text/plain'))
    return ['[file, ', written(mediaType), `, ${bytes.length} bytes: `, file, ']'];
  const text = plainText(bytes);
  if (text === undefined) return [`[not UTF-8, ${bytes.length} bytes: `, file, ']'];
  const rest = text.length - LONGEST;
  return rest <= 0
    ? [written(text)]
    : [written(text.slice(0, LONGEST)), ` [${rest} more characters: `, file, ']'];
}

/** A file by its place in the pack, never what it holds: a log of thousands of lines is not read here. */
export function named(texts: Texts, digest: string): Content {
  const found = texts.get(digest);
  return found === undefined || !('bytes' in found)
    ? quoted(texts, digest)
    : [code(`attachments/${digest.slice(0, 16)}…`), ` (${found.bytes.length} bytes)`];
}

function plainText(bytes: Uint8Array): string | undefined {
  try {
    return utf8Text(bytes);
  } catch {
    return undefined;
  }
}

/** A person with the roles of the roster: who the procedure asks for, and in what role. */
export function person({ roster }: State, id: string | undefined): Content {
  if (id === undefined) return NONE;
  const roles = roster === undefined ? [] : (memberById(roster, id)?.roles ?? []);
  return [id, ...(roles.length === 0 ? [] : [' ', soft(`(${roles.join(', ')})`)])];
}

/** `2026-03-02 14:32 UTC`. */
export function time(instant: string): Span {
  return { type: 'time', instant, text: `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC` };
}

/** `15:12 UTC`, with the date where it is another than `day`. */
export function clock(instant: string, day: string): Span {
  return instant.slice(0, 10) === day.slice(0, 10)
    ? { type: 'time', instant, text: `${instant.slice(11, 16)} UTC` }
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
