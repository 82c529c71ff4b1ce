import encodeQR from 'qr';

/** Rows and columns of light around it: half of what ISO/IEC 18004 wants, so that a console of 25 lines has room. */
const BORDER = 2;

/** By whether the upper and the lower of two modules are light. */
const BLOCKS = { both: '█', upper: '▀', lower: '▄', neither: ' ' } as const;

/**
 * A QR code of a text for a terminal, with the least redundancy: a screen has no creases. A line holds two rows of modules,
 * of which the light ones are written: right where the background is dark, and most readers take the other as well.
 */
export function qrCodeLines(text: string): readonly string[] {
  const dark = encodeQR(text, 'raw', { ecc: 'low', border: BORDER });
  return Array.from({ length: Math.ceil(dark.length / 2) }, (_, at) => {
    const [upper = [], lower = upper.map(() => false)] = dark.slice(2 * at, 2 * at + 2);
    return upper.map((isDark, x) => block(!isDark, lower[x] !== true)).join('');
  });
}

function block(isUpperLight: boolean, isLowerLight: boolean): string {
  if (isUpperLight) return isLowerLight ? BLOCKS.both : BLOCKS.upper;
  return isLowerLight ? BLOCKS.lower : BLOCKS.neither;
}
