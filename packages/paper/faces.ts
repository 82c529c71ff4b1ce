import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { create, type Font } from 'fontkit';

/** The faces of a page: one for reading, one for what is copied character by character. */
export type Face = 'text' | 'bold' | 'mono';

/** DejaVu: Latin, Greek, Cyrillic, Arabic, Hebrew and many signs in one free family. It has no Chinese, Japanese, Korean. */
const FILES: Readonly<Record<Face, string>> = {
  text: 'DejaVuSans.ttf',
  bold: 'DejaVuSans-Bold.ttf',
  mono: 'DejaVuSansMono.ttf',
};

export interface LoadedFace {
  readonly bytes: Buffer;
  /** Whether a page can show this character. */
  readonly has: (codePoint: number) => boolean;
}

const loaded = new Map<Face, LoadedFace>();

/** A face from the font package, read once. */
export function face(name: Face): LoadedFace {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const { resolve } = createRequire(import.meta.url);
  const bytes = readFileSync(resolve(`dejavu-fonts-ttf/ttf/${FILES[name]}`));
  const font = create(bytes);
  const made = {
    bytes,
    has: (codePoint: number) => isSingle(font) && font.hasGlyphForCodePoint(codePoint),
  };
  loaded.set(name, made);
  return made;
}

function isSingle(font: ReturnType<typeof create>): font is Font {
  return font.type === 'TTF';
}

/** Selects how a character before it looks, and is nothing by itself. */
const SELECTORS = /[\ufe0e\ufe0f]/gu;

/** Begins the name of a character that is not drawn, and nothing else. */
export const UNDRAWN = '⟨';

/** Whether a face has every character of a text. */
export function canShow(text: string, name: Face): boolean {
  return showable(text, name) === text.replace(SELECTORS, '');
}

/**
 * A text in which nothing is lost: what the face cannot show is named by its code point, so that two names that differ
 * never look the same. Whoever writes such a name themselves gets its bracket named.
 */
export function showable(text: string, name: Face): string {
  const { has } = face(name);
  return Array.from(text.replace(SELECTORS, ''), (character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    if (character === '\n' || (character !== UNDRAWN && has(codePoint))) return character;
    return `${UNDRAWN}U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  }).join('');
}
