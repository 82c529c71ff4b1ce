import decodeQR from 'qr/decode.js';

/** Pixels of a module, and modules of light that a camera sees around a terminal's code. */
const SCALE = 4;
const MARGIN = 4;

/** Reads a QR code from lines of a dark terminal, as a camera does. @throws where there is none */
export function readQrCode(lines: readonly string[]): string {
  const isLight = (x: number, y: number): boolean => {
    const character = lines[Math.floor(y / 2)]?.[x];
    return character === undefined || character === '█' || character === (y % 2 === 0 ? '▀' : '▄');
  };
  const width = SCALE * ((lines[0]?.length ?? 0) + 2 * MARGIN);
  const height = SCALE * (2 * lines.length + 2 * MARGIN);
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const light = isLight(Math.floor(x / SCALE) - MARGIN, Math.floor(y / SCALE) - MARGIN);
      data.fill(light ? 255 : 0, 3 * (y * width + x), 3 * (y * width + x + 1));
    }
  return decodeQR({ width, height, data });
}
