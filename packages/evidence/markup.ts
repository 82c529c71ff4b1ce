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

/**
 * A text that a person wrote, kept apart from the page around it: it may run from right to left, hold the marks that
 * turn the direction of what follows, or control characters that a terminal obeys.
 */
export function written(text: string): Markup {
  return html`<bdi dir="auto">${text}</bdi>`;
}

function rendered(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Markup) return part.toString();
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return String(part);
  return part.map(rendered).join('');
}

/**
 * Control characters other than line feed and tab have no meaning in a page, and those that override or embed a
 * direction make a text read as another one: they are shown, not obeyed. Scripts that run from right to left need
 * neither.
 */
const CONTROLS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is being replaced.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/g;

function escaped(text: string): string {
  return text
    .replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(CONTROLS, '\ufffd');
}
