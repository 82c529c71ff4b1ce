import { harmless } from '@halligan/document';

/** HTML that was made here. Only {@link html} makes it, so that no text gets in unescaped. */
export class Markup {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  /** For constants of this program, such as a style sheet: never for a value. */
  static constant(text: string): Markup {
    return new Markup(text);
  }

  static of(strings: TemplateStringsArray, values: readonly Part[]): Markup {
    return new Markup(
      strings.map((text, at) => (at === 0 ? text : `${rendered(values[at - 1])}${text}`)).join(''),
    );
  }
}

/** What may stand in a template: markup as it is, texts and numbers escaped, lists one after the other. */
export type Part = Markup | string | number | readonly Part[] | undefined;

/** Makes markup: what is literal in the template stays, every value is escaped. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Markup {
  return Markup.of(strings, values);
}

function rendered(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.toString();
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return String(part);
  return part.map(rendered).join('');
}

function escaped(text: string): string {
  return harmless(text).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
