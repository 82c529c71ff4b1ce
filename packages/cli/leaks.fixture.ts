import { readFileSync, statSync } from 'node:fs';

/** A secret that must be nowhere. */
export interface Secret {
  readonly name: string;
  readonly text: string;
}

/** Where a secret was found. */
export interface Leak {
  readonly secret: string;
  readonly file: string;
}

/**
 * The ways in which a text may lie in bytes: as UTF-8, UTF-16, hexadecimal, or somewhere within base64. Within base64
 * a text has one of three spellings, by where it begins; the letters at its edges depend on its neighbours.
 */
export function spellings(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const within = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    return encoded.replace(/=+$/, '').slice(before === 0 ? 0 : before + 1, -1);
  });
  return [
    bytes,
    Buffer.from(text, 'utf16le'),
    Buffer.from(text, 'utf16le').swap16(),
    Buffer.from(bytes.toString('hex')),
    Buffer.from(bytes.toString('hex').toUpperCase()),
    ...within.flatMap((one) => [
      Buffer.from(one),
      Buffer.from(one.replaceAll('+', '-').replaceAll('/', '_')),
    ]),
  ];
}

/** Looks for secrets, in all their spellings, in some bytes. */
export function leaksIn(file: string, bytes: Buffer, secrets: readonly Secret[]): readonly Leak[] {
  return searcher(secrets)(file, bytes);
}

export function leaksInFiles(
  files: readonly string[],
  secrets: readonly Secret[],
): readonly Leak[] {
  const search = searcher(secrets);
  return files
    .filter((file) => statSync(file).size > 0)
    .flatMap((file) => search(file, readFileSync(file)));
}

function searcher(secrets: readonly Secret[]) {
  const spelled = secrets.map(({ name, text }) => ({ name, all: spellings(text) }));
  return (file: string, bytes: Buffer): readonly Leak[] =>
    spelled
      .filter(({ all }) => all.some((spelling) => bytes.includes(spelling)))
      .map(({ name }) => ({ secret: name, file }));
}
