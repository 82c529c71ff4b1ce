/** Made by the first text that needs it: its tables take longer to load than most programs take for all else. */
let segmenter: Intl.Segmenter | undefined;

/** What terminals draw two columns wide: East Asian scripts, full-width forms, pictures. */
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{16fe0}-\u{18d08}\u{1aff0}-\u{1b2fb}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|.+\ufe0f)/u;

/** What a reader takes for one character each: never broken apart. */
export function graphemes(text: string): readonly string[] {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Columns that a terminal with a fixed pitch gives to a text without line feeds. */
export function columnsOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  return graphemes(text).reduce((sum, one) => sum + (WIDE.test(one) ? 2 : 1), 0);
}

/**
 * Breaks a text into lines that are no wider than asked, at spaces where there are any, else between characters.
 * @param width of a text, in the unit of `first` and `rest`
 * @param first room of the first line
 * @param rest room of every other line, at least the width of any one character
 */
export function broken(
  text: string,
  width: (text: string) => number,
  first: number,
  rest: number,
): readonly string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    let room = lines.length === 0 ? first : rest;
    const next = () => {
      lines.push(line.trimEnd());
      line = '';
      room = rest;
    };
    for (const word of paragraph.replaceAll('\t', '    ').match(/ *[^ ]+/g) ?? []) {
      if (width(line + word) <= room) {
        line += word;
        continue;
      }
      if (line.trim() !== '') next();
      const bare = lines.length === 0 && line === '' ? word : word.trimStart();
      if (width(bare) <= room) {
        line = bare;
        continue;
      }
      for (const piece of pieces(bare, width, room, rest)) {
        if (line !== '') next();
        line = piece;
      }
    }
    next();
  }
  return lines;
}

/** A word that no line holds, cut between characters. */
function pieces(
  word: string,
  width: (text: string) => number,
  first: number,
  rest: number,
): readonly string[] {
  const cut: string[] = [];
  let piece = '';
  let used = 0;
  for (const character of graphemes(word)) {
    const wide = width(character);
    const room = cut.length === 0 ? first : rest;
    if (piece !== '' && used + wide > room) {
      cut.push(piece);
      piece = '';
      used = 0;
    }
    piece += character;
    used += wide;
  }
  return [...cut, piece];
}
