import { type Content, graphemes, harmless, type Span } from '@halligan/document';
import { canShow, type Face, showable } from './faces.ts';

/** How a run of text looks. */
export interface Look {
  readonly face: Face;
  readonly size: number;
  readonly colour: string;
}

export interface Run extends Look {
  readonly text: string;
}

/** Runs that stand on one line. */
export type SetLine = readonly Run[];

/** Points that a text takes in a look. */
export type Measure = (text: string, look: Look) => number;

export const INK = '#1d1b16';
export const SOFT = '#5c574b';
export const RULE = '#ccc6b8';
export const REAL = '#a3231a';
export const DRILL = '#1f5f8b';

export const BODY: Look = { face: 'text', size: 9.5, colour: INK };

/** Gives each span of a content its look; nothing in it is obeyed, and nothing is dropped. */
export function runsOf(content: Content, look: Look = BODY): readonly Run[] {
  return content.flatMap((span) => spanRuns(span, look));
}

function spanRuns(span: Span, look: Look): readonly Run[] {
  if (typeof span === 'string') return [run(span, look)];
  switch (span.type) {
    case 'soft':
      return runsOf(span.content, { ...look, colour: SOFT });
    case 'code':
      return [run(span.text, { ...look, face: 'mono', size: look.size - 1 })];
    case 'verdict':
      return span.good
        ? [run(`✓ ${span.text}`, look)]
        : [run(`✗ ${span.text}`, { ...look, face: 'bold', colour: REAL })];
    case 'written':
    case 'time':
      return [run(span.text, look)];
  }
}

/** In the face of its look, or in that for reading where only this one has every character. */
export function run(text: string, look: Look): Run {
  const said = harmless(text);
  const face = !canShow(said, look.face) && canShow(said, 'text') ? 'text' : look.face;
  return { ...look, face, text: showable(said, face) };
}

/**
 * Breaks runs into lines of at most `room` points: at line feeds, else at spaces, else inside a word. A line is never
 * wider, whatever a person wrote.
 */
export function setLines(runs: readonly Run[], room: number, measure: Measure): readonly SetLine[] {
  const lines: SetLine[] = [];
  let line: Run[] = [];
  let used = 0;
  const next = () => {
    lines.push(line);
    line = [];
    used = 0;
  };
  const put = (text: string, look: Look, width: number) => {
    const last = line.at(-1);
    if (last !== undefined && sameLook(last, look))
      line[line.length - 1] = { ...look, text: last.text + text };
    else line.push({ ...look, text });
    used += width;
  };
  for (const { text, ...look } of runs) {
    for (const [at, paragraph] of text.split('\n').entries()) {
      if (at > 0) next();
      for (const word of paragraph.replaceAll('\t', '    ').match(/ +|[^ ]+/g) ?? []) {
        const width = measure(word, look);
        if (used + width <= room) put(word, look, width);
        else if (word.startsWith(' ')) next();
        else if (width <= room) {
          if (used > 0) next();
          put(word, look, width);
        } else
          for (const character of graphemes(word)) {
            const wide = measure(character, look);
            if (used > 0 && used + wide > room) next();
            put(character, look, wide);
          }
      }
    }
  }
  next();
  return lines;
}

function sameLook(a: Look, b: Look): boolean {
  return a.face === b.face && a.size === b.size && a.colour === b.colour;
}
