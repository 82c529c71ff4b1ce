/** What the repository's source files import, read from their text. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

/** The rooms that also run in browsers. */
export const BROWSER_SAFE: readonly string[] = [
  'format',
  'document',
  'slip39',
  'tlog',
  'statement',
  'seal',
  'procedure',
  'evidence',
  'reports',
];

/** A source file of a package. */
export interface Source {
  /** From the repository's root, such as `packages/seal/open.ts`. */
  readonly path: string;
  /** The folder under `packages/`. */
  readonly room: string;
  /** What it imports, as it is written there. */
  readonly imports: readonly string[];
}

/** What of a package's manifest matters here. */
export interface Manifest {
  readonly exports?: Readonly<Record<string, string>>;
  readonly imports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The end of a declaration, a bare import, or an `import()`; not what a test's text happens to say. */
const IMPORT =
  /(?:^(?:import|export|\})[^;'"`]*?\bfrom|^import|\bimport\(|\bexport \* from)\s*'([\w@#.][\w@#./:-]*)'/gm;

/** The source files of every package, tests included. */
export function sources(): readonly Source[] {
  return globSync('packages/*/**/*.ts', { exclude: (name) => name.includes('node_modules') })
    .sort()
    .map((path) => ({
      path,
      room: path.split('/')[1] ?? '',
      imports: [...withoutComments(readFileSync(path, 'utf8')).matchAll(IMPORT)].flatMap(
        ([, name]) => (name === undefined ? [] : [name]),
      ),
    }));
}

export function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** The package that a bare specifier is of: `@noble/hashes/sha2.js` is of `@noble/hashes`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

export function isRelative(specifier: string): boolean {
  return specifier.startsWith('.');
}

/** Where a relative import leads, from the repository's root. */
export function target({ path }: Source, specifier: string): string {
  return normalize(join(dirname(path), specifier));
}

/**
 * The files of a package that are reached from some of them: what ships, as against its tests.
 * @param entries from the package's folder
 */
export function reached(
  room: string,
  entries: readonly string[],
  all: readonly Source[],
): ReadonlySet<Source> {
  const found = new Set<Source>();
  const visit = (path: string): void => {
    const source = all.find((one) => one.path === path);
    if (source === undefined || found.has(source)) return;
    found.add(source);
    for (const name of source.imports.filter(isRelative)) visit(target(source, name));
  };
  for (const entry of entries) visit(relative('.', join('packages', room, entry)));
  return found;
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
}
